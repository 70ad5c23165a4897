import Imaging
import NeuralNetwork

/// Makes low-resolution images like those of real cameras. The steps are, in this order: a blur, downsampling with one
/// of several kernels, noise and JPEG compression. The downsampling kernel is chosen at random. Each of the other steps
/// is applied at random, with a configured probability.
///
/// A network trained only on cleanly downsampled images mistakes JPEG blocks and sensor noise for detail and upscales
/// them.
public struct Degradation: Sendable {
    /// The degradations of one patch.
    struct Recipe: Equatable {
        var kernel: ResamplingKernel
        var blur: GaussianBlur?
        /// The noise's standard deviation, in units of 1/255.
        var noise: Double?
        var noiseIsGrey: Bool
        var quality: Int?

        /// Whether the patch is only downsampled, with the bicubic kernel.
        var isClean: Bool { kernel == .bicubic && blur == nil && noise == nil && quality == nil }
    }

    /// The maximum standard deviation of a blur. The limit is necessary because the kernels of blur and downsampling
    /// together must not reach beyond `margin`.
    public static let largestBlur = 4.0
    /// The number of low-resolution pixels on each side of a patch that are degraded together with it.
    ///
    /// The patch and this margin together are the window that is degraded. At the edges of the window the image's other
    /// pixels are missing, which changes the degradations there. The margin keeps these edges away from the patch; it
    /// also completes the JPEG blocks at the patch's edges.
    static let margin = 8

    private let section: RunConfiguration.DegradationSection

    /// Makes degradations with the settings of a checked configuration.
    public init(_ section: RunConfiguration.DegradationSection) {
        self.section = section
    }

    /// Draws the degradations of a patch.
    func draw(random: inout SeededGenerator) -> Recipe {
        func happens(_ probability: Double) -> Bool { Double(random.uniform()) < probability }
        func number(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &random) }
        var recipe = Recipe(
            kernel: section.kernels[Int.random(in: 0..<section.kernels.count, using: &random)], noiseIsGrey: false)
        if happens(section.blur) {
            let along = number(section.blurSigma)
            recipe.blur =
                happens(section.anisotropic)
                ? GaussianBlur(sigmas: (along, number(section.blurSigma)), angle: number(0...Double.pi))
                : GaussianBlur(sigmas: (along, along), angle: 0)
        }
        if happens(section.noise) {
            recipe.noise = number(section.noiseSigma)
            recipe.noiseIsGrey = happens(section.greyNoise)
        }
        if happens(section.jpeg) { recipe.quality = Int(number(section.jpegQuality).rounded()) }
        return recipe
    }

    /// Downsamples and degrades a window of a photograph.
    ///
    /// - Parameter window: The window; its sides must be multiples of the scale.
    /// - Returns: The degraded low-resolution window as interleaved red, green and blue.
    func apply(
        _ recipe: Recipe, to window: RGBImage, random: inout SeededGenerator
    ) throws(ImagingError) -> [UInt8] {
        let blurred = recipe.blur.map { $0(window) } ?? window
        var small = Resampler.downsample(blurred, by: PatchDataset.scale, kernel: recipe.kernel)
        if let noise = recipe.noise { Self.add(Float(noise / 255), isGrey: recipe.noiseIsGrey, to: &small, &random) }
        let bytes = PatchDataset.bytes(small)
        guard let quality = recipe.quality else { return bytes }
        return try JPEGCompression.roundTrip(bytes, width: small.width, height: small.height, quality: quality)
    }

    /// Adds Gaussian noise.
    ///
    /// - Parameters:
    ///   - deviation: The standard deviation, for values from 0 to 1.
    ///   - isGrey: Whether all three colours of a pixel get the same noise.
    static func add(
        _ deviation: Float, isGrey: Bool, to image: inout RGBImage, _ random: inout SeededGenerator
    ) {
        let area = image.width * image.height
        for i in 0..<(isGrey ? area : 3 * area) {
            let noise = deviation * random.normal()
            for index in isGrey ? [i, area + i, 2 * area + i] : [i] { image.values[index] += noise }
        }
    }
}
