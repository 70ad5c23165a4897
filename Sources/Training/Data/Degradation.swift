import Imaging
import NeuralNetwork

/// Makes small images as they are found outside of laboratories: blurred, reduced by one kernel or another, noisy, and
/// compressed, in this order, each at random.
///
/// A network that was trained on clean reductions alone takes the blocks of JPEG and the noise of a sensor for detail and
/// upscales them faithfully.
public struct Degradation: Sendable {
    /// What happens to one patch.
    struct Recipe: Equatable {
        var kernel: ResamplingKernel
        var blur: GaussianBlur?
        /// In 255ths.
        var noise: Double?
        var noiseIsGrey: Bool
        var quality: Int?

        /// Whether nothing happens besides the usual reduction.
        var isClean: Bool { kernel == .bicubic && blur == nil && noise == nil && quality == nil }
    }

    /// The largest deviation of a blur: its kernel and the reduction's must not see the end of the margin.
    public static let largestBlur = 4.0
    /// How many small pixels around a patch are degraded with it: what happens at the edge of a window, where the real
    /// surroundings are missing, stays outside, and blocks of JPEG are whole.
    static let margin = 8

    private let section: RunConfiguration.DegradationSection

    /// Follows a configuration that has been checked.
    public init(_ section: RunConfiguration.DegradationSection) {
        self.section = section
    }

    /// Draws what happens to a patch.
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

    /// Reduces a window of a photograph.
    ///
    /// - Parameter window: Its sides are multiples of the scale.
    /// - Returns: Interleaved red, green and blue.
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

    private static func add(
        _ deviation: Float, isGrey: Bool, to image: inout RGBImage, _ random: inout SeededGenerator
    ) {
        let area = image.width * image.height
        for i in 0..<(isGrey ? area : 3 * area) {
            let noise = deviation * random.normal()
            for place in isGrey ? [i, area + i, 2 * area + i] : [i] { image.values[place] += noise }
        }
    }
}
