/// The results of an evaluation. Its JSON form is stable (version 1).
public struct EvaluationReport: Codable, Sendable {
    /// The scores of one method on one image, or their means over a dataset.
    public struct Score: Codable, Sendable, Equatable {
        /// The method: `bicubic`, or a model's name.
        public var method: String
        /// The PSNR in decibels; infinite for identical images.
        public var psnr: Double
        /// The SSIM, from -1 to 1; nil for images smaller than its window.
        public var ssim: Double?
        /// The mean squared distance of VGG-19's features after relu3_4; nil without VGG-19's weights.
        public var vgg: Double?
        /// The distance of VGG-19's features over three layers; nil without VGG-19's weights.
        public var vggLayers: Double?
        /// NIQE on luma; nil for images with fewer than two blocks of 96 x 96 pixels.
        public var niqe: Double?
        /// The gradient energy on luma, divided by the original's; nil for a one-coloured original.
        public var gradientEnergy: Double?
        /// The grid of 4 pixels on luma; nil for images with a side below 48 pixels or without detail.
        public var grid: Double?
        /// The mean colour error of blocks in 255ths, against the low-resolution image; nil for images without a block.
        public var colourError: Double?
        /// The PSNR between the low-resolution image and the reduced result, in decibels.
        public var consistency: Double?
    }

    /// The measures of the originals themselves, to compare with.
    public struct Original: Codable, Sendable, Equatable {
        /// NIQE on luma.
        public var niqe: Double?
        /// The grid of 4 pixels on luma.
        public var grid: Double?
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
        /// The measures of the original.
        public var original: Original?
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
        /// The mean measures of the originals.
        public var original: Original?
    }

    /// The version of the JSON form.
    public var version = 1
    /// The upscaling factor.
    public var scale: Int
    /// The number of pixels at each edge that are not compared.
    public var border: Int
    /// The compared channels of PSNR and SSIM: `y` or `rgb`.
    public var channels: String
    /// How the low-resolution images were degraded besides the reduction; nil if they were not.
    public var degradation: InputDegradation?
    /// The seed of the degradation; nil without one.
    public var seed: UInt64?
    /// The datasets, in the given order.
    public var datasets: [Dataset]
}

extension EvaluationReport.Dataset {
    /// Computes each method's mean scores. A mean covers only the images that have this score.
    init(name: String, lowResolution: String, images: [EvaluationReport.Image]) {
        func mean(_ values: [Double?]) -> Double? {
            let values = values.compactMap { $0 }
            return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        let methods = images.first?.scores.indices ?? 0..<0
        let means = methods.map { index in
            let scores = images.map { $0.scores[index] }
            return EvaluationReport.Score(
                method: scores[0].method, psnr: mean(scores.map(\.psnr)) ?? .nan, ssim: mean(scores.map(\.ssim)),
                vgg: mean(scores.map(\.vgg)), vggLayers: mean(scores.map(\.vggLayers)), niqe: mean(scores.map(\.niqe)),
                gradientEnergy: mean(scores.map(\.gradientEnergy)), grid: mean(scores.map(\.grid)),
                colourError: mean(scores.map(\.colourError)), consistency: mean(scores.map(\.consistency)))
        }
        let originals = images.compactMap(\.original)
        self.init(
            name: name, lowResolution: lowResolution, images: images, means: means,
            original: .init(niqe: mean(originals.map(\.niqe)), grid: mean(originals.map(\.grid))))
    }
}
