import Imaging
import NeuralNetwork

/// Fixed degradations of a low-resolution image, for measuring models on images as they are found. All of them keep
/// the image's size.
public enum InputDegradation: String, Sendable, CaseIterable, Codable {
    /// An image from the web: noise of standard deviation 4 in each colour, then JPEG of quality 60.
    case web
    /// A scanned print: a blur of sigma 0.7, grey noise (grain) of standard deviation 5, then JPEG of quality 85.
    case scan
    /// A phone in low light: noise of standard deviation 8 in each colour; the phone's noise reduction (a blur of sigma
    /// 0.8) and sharpening (unsharp mask, sigma 1.5, amount 0.8), which leave blotches and halos; then JPEG of quality
    /// 80.
    case phone

    /// Degrades an image.
    ///
    /// The result depends only on the image, the seed and the name: an image is degraded in the same way whatever
    /// other images are measured with it. Standard deviations of noise are in 255ths, those of blurs in pixels.
    ///
    /// - Parameter name: The image's name, so that images of equal size have different noise.
    public func apply(to image: RGBImage, seed: UInt64, name: String) throws(ImagingError) -> RGBImage {
        // FNV-1a; Swift's own hash differs from run to run.
        let hash = name.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var random = SeededGenerator(seed: hash)
        var result = image
        let quality: Int
        switch self {
        case .web:
            Degradation.add(4 / 255, isGrey: false, to: &result, &random)
            quality = 60
        case .scan:
            result = Self.blur(0.7)(result)
            Degradation.add(5 / 255, isGrey: true, to: &result, &random)
            quality = 85
        case .phone:
            Degradation.add(8 / 255, isGrey: false, to: &result, &random)
            result = Self.blur(0.8)(result)
            let soft = Self.blur(1.5)(result)
            for index in result.values.indices {
                result.values[index] += 0.8 * (result.values[index] - soft.values[index])
            }
            quality = 80
        }
        let bytes = try JPEGCompression.roundTrip(
            PatchDataset.bytes(result), width: image.width, height: image.height, quality: quality)
        return RGBImage(bytes: bytes, width: image.width, height: image.height)
    }

    private static func blur(_ sigma: Double) -> GaussianBlur {
        GaussianBlur(sigmas: (sigma, sigma), angle: 0)
    }
}
