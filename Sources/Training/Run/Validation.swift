import NeuralNetwork
import SRGAN
import SystemPackage

/// Measures a model on images that are not trained on, as `srgan evaluate` would measure the file.
struct Validation: Sendable {
    private let datasets: [Evaluator.Dataset]
    private let samples: Int
    private let threads: Int
    private let kernels: String

    /// The sets' names.
    var names: [String] { datasets.map(\.originals.name) }

    /// Lists the folders and tries every image, so that a run does not find out after hours that it cannot be judged.
    ///
    /// - Throws: `noImages` or `unusableImage`, naming the folder or the file.
    init(_ section: RunConfiguration.ValidationSection, context: ComputeContext) throws(TrainingError) {
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
        samples = section.samples
        threads = context.threads.count
        kernels = context.kernels.name
    }

    /// Measures a model.
    ///
    /// - Returns: The figures of each set, and an image of the first results, where samples are wanted.
    /// - Throws: `diverged`, where the model gives no finite numbers.
    func measure(_ model: ModelFile) throws(TrainingError) -> (
        figures: [ValidationResult.Figures], samples: RGBImage?
    ) {
        do {
            let generator = try LoadedGenerator(model: model, kernels: kernels)
            let evaluator = try Evaluator(models: [.init(name: "current", generator: generator)], threads: threads)
            let (report, panels) = try evaluator.run(datasets, panelCount: samples)
            let figures = report.datasets.map { set in
                ValidationResult.Figures(
                    name: set.name, psnr: set.means[1].psnr, ssim: set.means[1].ssim,
                    bicubicPSNR: set.means[0].psnr, bicubicSSIM: set.means[0].ssim)
            }
            return (figures, ComparisonImage.make(panels))
        } catch let error as TrainingError {
            throw error
        } catch {
            throw TrainingError(.diverged, "The model cannot be validated: \(error)", cause: error)
        }
    }
}
