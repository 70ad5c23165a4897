/// The results of an evaluation. Its JSON form is stable (version 1).
public struct EvaluationReport: Codable, Sendable {
    /// The scores of one method on one image, or their means over a dataset.
    public struct Score: Codable, Sendable {
        /// The method: `bicubic`, or a model's name.
        public var method: String
        /// The PSNR in decibels; infinite for identical images.
        public var psnr: Double
        /// The SSIM, from -1 to 1; nil for images smaller than its window.
        public var ssim: Double?
        /// The mean squared distance of VGG-19's features; nil without VGG-19's weights.
        public var vgg: Double?
    }

    /// One image of a dataset.
    public struct Image: Codable, Sendable {
        /// The file's name without its extension.
        public var name: String
        /// The original's width after cropping to a multiple of the scale.
        public var width: Int
        /// The original's height after cropping to a multiple of the scale.
        public var height: Int
        /// The scores of each method, bicubic first.
        public var scores: [Score]
    }

    /// One dataset (test set).
    public struct Dataset: Codable, Sendable {
        /// The folder's name.
        public var name: String
        /// The source of the low-resolution images: `bicubic` or a folder.
        public var lowResolution: String
        /// The images, in the order of their names.
        public var images: [Image]
        /// The mean scores of each method.
        public var means: [Score]
    }

    /// The version of the JSON form.
    public var version = 1
    /// The upscaling factor.
    public var scale: Int
    /// The number of pixels at each edge that are not compared.
    public var border: Int
    /// The compared channels: `y` or `rgb`.
    public var channels: String
    /// The datasets, in the given order.
    public var datasets: [Dataset]
}

extension EvaluationReport.Dataset {
    /// Computes each method's mean scores. A mean covers only the images that have this score.
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
