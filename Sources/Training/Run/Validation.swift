import NeuralNetwork
import SRGAN
import SystemPackage

/// Measures a model on images that are not used for training, in the same way as `srgan evaluate`.
struct Validation: Sendable {
    private let datasets: [Evaluator.Dataset]
    private let samples: Int
    private let threads: Int
    private let kernels: String
    private let features: VGG19FeatureExtractor?

    /// The names of the test sets.
    var names: [String] { datasets.map(\.originals.name) }

    /// Lists the folders and checks every image, so that an unusable image is reported at the start of a run and not
    /// hours later, at the first validation.
    ///
    /// - Parameter features: VGG-19 to measure the distance between features; nil to leave out this measure.
    /// - Throws: `noImages` or `unusableImage`, naming the folder or the file.
    init(
        _ section: RunConfiguration.ValidationSection, features: VGG19FeatureExtractor? = nil, context: ComputeContext
    ) throws(TrainingError) {
        var datasets: [Evaluator.Dataset] = []
        for (index, folder) in section.folders.enumerated() {
            let dataset = Evaluator.Dataset(
                originals: try ImageFolder(folder),
                small: section.lr.isEmpty ? nil : try ImageFolder(section.lr[index]))
            for file in dataset.originals.files {
                let original = try RGBImage(contentsOf: file)
                try Evaluator.check(original, file)
                guard dataset.small != nil else { continue }
                _ = try Evaluator.smallImage(
                    of: original.cropped(toMultipleOf: PatchDataset.scale), file, dataset)
            }
            datasets.append(dataset)
        }
        self.datasets = datasets
        self.features = features
        samples = section.samples
        threads = context.threads.count
        kernels = context.kernels.name
    }

    /// Measures a model.
    ///
    /// - Returns: The scores on each test set, and a comparison image of the first images if samples are configured.
    /// - Throws: `diverged`, if the model's output is not finite.
    func measure(_ model: ModelFile) throws(TrainingError) -> (
        scores: [ValidationResult.SetScores], samples: RGBImage?
    ) {
        do {
            let generator = try GeneratorChain([LoadedGenerator(model: model, kernels: kernels)])
            let evaluator = try Evaluator(
                models: [.init(name: "current", generator: generator)], features: features, threads: threads)
            let (report, panels) = try evaluator.run(datasets, panelCount: samples)
            let scores = report.datasets.map { set in
                ValidationResult.SetScores(
                    name: set.name, model: set.means[1], bicubic: set.means[0], original: set.original ?? .init())
            }
            return (scores, ComparisonImage.make(panels))
        } catch let error as TrainingError {
            throw error
        } catch {
            throw TrainingError(.diverged, "The model cannot be validated: \(error)", cause: error)
        }
    }
}
