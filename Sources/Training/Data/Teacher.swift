import SRGAN

/// A trained generator whose output is mixed with the photograph to form the training target.
///
/// Many different photographs have the same low-resolution image when downsampled, and the network should predict the
/// mean of these photographs. A single photograph differs from the mean by texture that cannot be predicted, and this
/// texture is noise in the gradient. The output of a good model contains little of this texture.
public struct Teacher: Sendable {
    private let generator: LoadedGenerator
    /// The share of the teacher's output in the target.
    private let share: Float
    private let symmetries: Int
    /// The SHA-256 hash of the teacher's model file, in hexadecimal.
    let sha256: String

    /// Loads the teacher's model, which may be another project's checkpoint.
    ///
    /// - Throws: `configuration`, naming the file.
    public init(_ section: RunConfiguration.TeacherSection) throws(TrainingError) {
        do {
            let model = try ModelFile.opening(section.model)
            sha256 = model.sha256
            generator = try LoadedGenerator(model: model)
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

    /// The training target for a low-resolution image.
    ///
    /// - Throws: `unusableImage` if the teacher's output is not finite.
    func target(for photograph: RGBImage, small: RGBImage) throws(TrainingError) -> RGBImage {
        let taught = try output(for: small)
        return RGBImage(
            width: photograph.width, height: photograph.height,
            values: zip(photograph.values, taught.values).map { $0 + share * ($1 - $0) })
    }

    /// The teacher's output for a low-resolution image, from 0 to 1, averaged over the symmetries.
    ///
    /// - Throws: `unusableImage` if the output is not finite.
    func output(for small: RGBImage) throws(TrainingError) -> RGBImage {
        let (width, height) = (PatchDataset.scale * small.width, PatchDataset.scale * small.height)
        var sums = [Float](repeating: 0, count: 3 * width * height)
        for bits in 0..<symmetries {
            let symmetry = Symmetry(bits: bits)
            do {
                let taught = try Evaluator.upscale(small.turned(by: symmetry), with: generator)
                for (index, value) in taught.turned(by: symmetry.inverse).values.enumerated() { sums[index] += value }
            } catch {
                throw TrainingError(.unusableImage, "The teacher cannot upscale an image: \(error)", cause: error)
            }
        }
        return RGBImage(
            width: width, height: height, values: sums.map { max(0, min(1, $0 / Float(symmetries))) })
    }
}
