import SRGAN

/// A finished generator whose output takes the place of a part of the photograph as the target.
///
/// Of the many photographs that reduce to the same small image the network shall predict the mean. A photograph is one
/// sample of them, and its unpredictable texture is noise in the gradient; a good model's output has little of it.
public struct Teacher: Sendable {
    private let generator: LoadedGenerator
    /// How much of the target is the teacher's.
    private let share: Float
    private let symmetries: Int

    /// Loads the model; it may be another project's checkpoint.
    ///
    /// - Throws: `configuration`, naming the file.
    public init(_ section: RunConfiguration.TeacherSection) throws(TrainingError) {
        do {
            generator = try LoadedGenerator(model: ModelFile.opening(section.model))
        } catch {
            throw TrainingError(.configuration, "\(section.model) cannot be the teacher: \(error)", cause: error)
        }
        guard generator.scale == PatchDataset.scale else {
            throw TrainingError(
                .configuration, "\(section.model) cannot be the teacher: it upscales \(generator.scale) times.")
        }
        share = Float(section.share)
        symmetries = section.symmetries
    }

    /// What a network is to make of a reduction.
    ///
    /// - Throws: `unusableImage` where the teacher gives no finite numbers.
    func target(for photograph: RGBImage, small: RGBImage) throws(TrainingError) -> RGBImage {
        var sums = [Float](repeating: 0, count: photograph.values.count)
        for bits in 0..<symmetries {
            let symmetry = Symmetry(bits: bits)
            do {
                let taught = try Evaluator.upscale(small.turned(by: symmetry), with: generator)
                for (place, value) in taught.turned(by: symmetry.inverse).values.enumerated() { sums[place] += value }
            } catch {
                throw TrainingError(.unusableImage, "The teacher fails: \(error)", cause: error)
            }
        }
        return RGBImage(
            width: photograph.width, height: photograph.height,
            values: zip(photograph.values, sums).map {
                $0 + share * (max(0, min(1, $1 / Float(symmetries))) - $0)
            })
    }
}
