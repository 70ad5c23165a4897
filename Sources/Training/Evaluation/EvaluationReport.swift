/// What an evaluation measured; its JSON form is stable (version 1).
public struct EvaluationReport: Codable, Sendable {
    /// One method's fidelity on one image, or its mean over a set.
    public struct Score: Codable, Sendable {
        /// `bicubic`, or a model's name.
        public var method: String
        /// In decibels; infinite for equal images.
        public var psnr: Double
        /// From -1 to 1; nil for images smaller than its window.
        public var ssim: Double?
        /// The mean squared distance of VGG19's features; nil when its weights were not given.
        public var vgg: Double?
    }

    /// One image of a set.
    public struct Image: Codable, Sendable {
        /// The file's name without its extension.
        public var name: String
        /// The original's width, cut to a multiple of the scale.
        public var width: Int
        /// The original's height, cut likewise.
        public var height: Int
        /// One for each method, bicubic first.
        public var scores: [Score]
    }

    /// One test set.
    public struct Dataset: Codable, Sendable {
        /// The folder's name.
        public var name: String
        /// Where the small images came from: `bicubic` or a folder.
        public var lowResolution: String
        /// The images, by name.
        public var images: [Image]
        /// The means over the images.
        public var means: [Score]
    }

    /// The form's version.
    public var version = 1
    /// How many times the images are upscaled.
    public var scale: Int
    /// The pixels left out on each side.
    public var border: Int
    /// `y` or `rgb`.
    public var channels: String
    /// The sets, in the order given.
    public var datasets: [Dataset]
}

extension EvaluationReport.Dataset {
    /// Computes the means: each method's, over the images that have the measure.
    init(name: String, lowResolution: String, images: [EvaluationReport.Image]) {
        func mean(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        let methods = images.first?.scores.indices ?? 0..<0
        let means = methods.map { index in
            let scores = images.map { $0.scores[index] }
            return EvaluationReport.Score(
                method: scores[0].method, psnr: mean(scores.map(\.psnr)) ?? .nan, ssim: mean(scores.compactMap(\.ssim)),
                vgg: mean(scores.compactMap(\.vgg)))
        }
        self.init(name: name, lowResolution: lowResolution, images: images, means: means)
    }
}
