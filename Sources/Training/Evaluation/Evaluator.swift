import Foundation
import Imaging
import LinuxSupport
import SRGAN
import SystemPackage

/// Measures models on test sets, as papers on super-resolution do.
///
/// Each original is cropped to a multiple of the scale. Its low-resolution version is made by bicubic downsampling or
/// read from a folder. Results are rounded to 8 bits, as in a file. The comparison leaves out a border of `scale`
/// pixels.
public struct Evaluator: Sendable {
    /// A model and its name in the report.
    public struct Model: Sendable {
        /// The name.
        public var name: String
        /// The network, or several that run one after another.
        public var generator: GeneratorChain

        /// Combines a network with its name.
        public init(name: String, generator: GeneratorChain) {
            self.name = name
            self.generator = generator
        }
    }

    /// A test set.
    public struct Dataset: Sendable {
        /// The originals.
        public var originals: ImageFolder
        /// The low-resolution versions with the same names; nil to downsample the originals.
        public var small: ImageFolder?

        /// Combines originals with their low-resolution versions.
        public init(originals: ImageFolder, small: ImageFolder?) {
            self.originals = originals
            self.small = small
        }
    }

    /// The images of one row of a comparison image; all except `small` have the original's size.
    public struct Panels: Sendable {
        /// The image's index among the images of all datasets.
        public var index: Int
        /// The names of the dataset and the file.
        public var title: String
        /// The low-resolution input.
        public var small: RGBImage
        /// Bicubic upscaling, then one result for each model.
        public var results: [RGBImage]
        /// The original.
        public var original: RGBImage
        /// The scores of `results`.
        public var scores: [EvaluationReport.Score]
    }

    /// The models, in the report's order.
    public let models: [Model]
    /// Whether red, green and blue are compared instead of luma.
    public let comparesRGB: Bool
    /// The number of images to process at the same time.
    public let threads: Int
    /// Extracts VGG-19's features, to measure their distance; nil to leave out this measure.
    public let features: VGG19FeatureExtractor?
    /// How the low-resolution images are degraded before they are upscaled; nil to use them as they are.
    public let degradation: InputDegradation?
    /// The seed of the degradation.
    public let seed: UInt64
    /// The models' upscaling factor.
    public let scale: Int

    /// Prepares an evaluation.
    ///
    /// - Throws: `configuration` if the models upscale by different factors.
    public init(
        models: [Model], comparesRGB: Bool = false, features: VGG19FeatureExtractor? = nil,
        degradation: InputDegradation? = nil, seed: UInt64 = 1, threads: Int
    ) throws(TrainingError) {
        precondition(threads > 0 && !models.isEmpty)
        scale = models[0].generator.scale
        if let other = models.first(where: { $0.generator.scale != models[0].generator.scale }) {
            throw TrainingError(
                .configuration,
                "\(models[0].name) upscales \(scale) times and \(other.name) \(other.generator.scale) times.")
        }
        self.models = models
        self.comparesRGB = comparesRGB
        self.features = features
        self.degradation = degradation
        self.seed = seed
        self.threads = threads
    }

    /// Measures all models on all images.
    ///
    /// Blocks the calling thread, which must not belong to Swift's cooperative pool.
    ///
    /// - Parameters:
    ///   - datasets: The test sets.
    ///   - panelCount: The number of images, counted from the first, for which panels are kept for a comparison image.
    ///   - alsoKept: The indices of further images for which panels are kept, among the images of all datasets.
    ///   - progress: Called after each image with the number of finished images and the number of all images, on any
    ///     thread, one call at a time.
    /// - Throws: the error of the first image that failed.
    public func run(
        _ datasets: [Dataset], panelCount: Int = 0, alsoKept: Set<Int> = [],
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) throws -> (report: EvaluationReport, panels: [Panels]) {
        let work = EvaluationQueue(datasets: datasets, progress: progress)
        let workers = try NamedThread.start(min(threads, work.count), name: "evaluate") {
            while let item = work.next() {
                do {
                    let (image, panels) = try evaluate(datasets[item.dataset], item)
                    let isKept = item.index < panelCount || alsoKept.contains(item.index)
                    work.finish(item, image: image, panels: isKept ? panels : nil)
                } catch {
                    work.fail(error)
                }
            }
        }
        for worker in workers { worker.join() }
        if let failure = work.failure { throw failure }
        let sets = zip(datasets, work.images).map { dataset, images in
            EvaluationReport.Dataset(
                name: dataset.originals.name, lowResolution: dataset.small?.path.string ?? "bicubic", images: images)
        }
        let report = EvaluationReport(
            scale: scale, border: scale, channels: comparesRGB ? "rgb" : "y", degradation: degradation,
            seed: degradation == nil ? nil : seed, datasets: Array(sets))
        return (report, work.panels)
    }

    private func evaluate(
        _ dataset: Dataset, _ item: EvaluationQueue.Item
    ) throws -> (image: EvaluationReport.Image, panels: Panels) {
        let file = item.file
        let original = try RGBImage(contentsOf: file).cropped(toMultipleOf: scale).roundedTo8Bits()
        try Self.check(original, file, scale: scale)
        var small = try Self.smallImage(of: original, file, dataset, scale: scale)
        if let degradation {
            small = try degradation.apply(to: small, seed: seed, name: file.stem ?? file.string)
        }
        let bicubic = Resampler.resize(small, width: original.width, height: original.height)
        var results = [bicubic.roundedTo8Bits()]
        for model in models { results.append(try Self.upscale(small, with: model.generator).roundedTo8Bits()) }
        let (scores, measures) = scores(
            of: zip(["bicubic"] + models.map(\.name), results), input: small, original: original)
        let name = file.stem ?? file.string
        return (
            EvaluationReport.Image(
                name: name, width: original.width, height: original.height, scores: scores, original: measures),
            Panels(
                index: item.index, title: "\(dataset.originals.name) \(name)", small: small, results: results,
                original: original,
                scores: scores)
        )
    }

    /// Checks that an image has pixels inside the border that the comparison leaves out.
    static func check(_ image: RGBImage, _ file: FilePath, scale: Int = PatchDataset.scale) throws(TrainingError) {
        guard min(image.width, image.height) / scale > 2 else {
            throw TrainingError(.unusableImage, "\(file) is too small to measure.")
        }
    }

    /// The low-resolution version of an original that has been cropped to a multiple of the scale.
    static func smallImage(
        of original: RGBImage, _ file: FilePath, _ dataset: Dataset, scale: Int = PatchDataset.scale
    ) throws(TrainingError) -> RGBImage {
        guard let folder = dataset.small else {
            return Resampler.downsample(original, by: scale).roundedTo8Bits()
        }
        guard let stem = file.stem, let match = folder.file(named: stem) else {
            throw TrainingError(.noImages, "\(folder.path) has no low-resolution version of \(file).")
        }
        let small = try RGBImage(contentsOf: match)
        guard small.width * scale == original.width, small.height * scale == original.height else {
            throw TrainingError(
                .unusableImage,
                "\(match) has \(small.width) x \(small.height) pixels, but \(original.width / scale) x "
                    + "\(original.height / scale) are expected.")
        }
        return small
    }

    /// The widest field, in input pixels, of networks whose tiles are computed exactly.
    private static let widestExactOverlap = 64

    /// Upscales an image with one network after another.
    private static func upscale(_ small: RGBImage, with chain: GeneratorChain) throws -> RGBImage {
        try chain.generators.dropFirst().reduce(upscale(small, with: chain.generators[0])) { image, generator in
            let clamped = image.values.map { max(0, min(1, $0)) }
            return try upscale(
                RGBImage(width: image.width, height: image.height, values: clamped), with: generator)
        }
    }

    /// Upscales an image with the network as it was trained: the border is padded with zeros, not reflected. A very large
    /// image is upscaled in tiles, which gives the same result.
    static func upscale(_ small: RGBImage, with generator: LoadedGenerator) throws -> RGBImage {
        // Networks with a very wide field need much memory, and their far pixels change nothing that can be measured.
        let isWide = generator.receptiveFieldRadius > Self.widestExactOverlap
        let tile = isWide ? 192 : 768
        let plan = TilePlan(
            imageWidth: small.width, imageHeight: small.height, tileWidth: tile, tileHeight: tile,
            overlap: isWide ? max(Self.widestExactOverlap, generator.network.overlap) : generator.receptiveFieldRadius)
        let workspace = generator.makeWorkspace(
            maximumWidth: plan.maximumInputWidth, maximumHeight: plan.maximumInputHeight)
        let (scale, width) = (generator.scale, generator.scale * small.width)
        var values = [Float](repeating: 0, count: 3 * width * scale * small.height)
        for index in 0..<plan.count {
            let tile = plan[index]
            let region = tile.input.grown(by: 0, imageWidth: small.width, imageHeight: small.height)
            let input = small.cropped(to: region)
            let kept = tile.keep.scaled(by: scale)
            var output = [Float](repeating: 0, count: 3 * kept.pixelCount)
            try input.values.withUnsafeBufferPointer { input in
                try output.withUnsafeMutableBufferPointer { output in
                    try generator.upscale(
                        input, width: region.width, height: region.height, keeping: tile.keep.relative(to: region),
                        into: output, workspace: workspace)
                }
            }
            for row in 0..<3 * kept.height {
                let (plane, y) = (row / kept.height, row % kept.height)
                let start = (plane * scale * small.height + kept.y + y) * width + kept.x
                values.replaceSubrange(
                    start..<start + kept.width, with: output[row * kept.width..<(row + 1) * kept.width])
            }
        }
        return RGBImage(width: width, height: scale * small.height, values: values)
    }
}
