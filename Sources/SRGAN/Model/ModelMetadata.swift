/// Properties of a model that its parameters do not show.
///
/// Every entry is optional. The default values are those of the PyTorch reference implementation, so its plain state
/// dicts, saved as safetensors, need no metadata.
public struct ModelMetadata: Sendable, Equatable {
    /// The activation after the last convolution.
    public enum FinalActivation: String, Sendable, CaseIterable {
        /// No activation (the PyTorch reference implementation and the SRGAN paper).
        case none
        /// The hyperbolic tangent, as in several other implementations.
        case tanh
    }

    /// The architecture of SRGAN's generator.
    public static let generatorArchitecture = "srgan-generator"

    /// The architecture of the network.
    public var architecture = Self.generatorArchitecture
    /// The number of residual blocks, if stated.
    public var blocks: Int?
    /// The upscaling factor, if stated.
    public var scale: Int?
    /// The range of the input.
    public var inputRange = ValueRange.signed
    /// The range of the output.
    public var outputRange = ValueRange.signed
    /// The activation after the last convolution.
    public var finalActivation = FinalActivation.none
    /// The epsilon of the batch normalisations, except those covered by `upsamplingBatchNormEpsilon`.
    public var batchNormEpsilon: Float = 1e-5
    /// The epsilon of the batch normalisations in the upsampling blocks, if it differs from `batchNormEpsilon`.
    public var upsamplingBatchNormEpsilon: Float?
    /// The licence of the weights as an SPDX identifier.
    public var license: String?
    /// A description of the training.
    public var training: String?
    /// The overlap of tiles that suits the model, in input pixels, if it was measured.
    public var overlap: Int?
    /// The maximum measured difference, in units of 1/255, between the output with the default overlap and the output
    /// with the exact overlap (`TileSettings.Overlap.exact`).
    public var overlapDifference: Double?
    /// All other entries, such as measured quality (`psnr_y_set5`).
    public var other: [String: String] = [:]

    /// Makes metadata with the defaults of the PyTorch reference implementation.
    public init() {}

    private enum Key {
        static let architecture = "architecture"
        static let blocks = "blocks"
        static let scale = "scale"
        static let inputRange = "input_range"
        static let outputRange = "output_range"
        static let finalActivation = "final_activation"
        static let batchNormEpsilon = "bn_eps"
        static let upsamplingBatchNormEpsilon = "bn_eps_upsampling"
        static let license = "license"
        static let training = "training"
        static let overlap = "overlap"
        static let overlapDifference = "overlap_difference"
    }

    /// Parses a file's metadata map.
    ///
    /// - Throws: `modelUnsupported` for an unknown value; the message names the key and the value.
    public init(texts: [String: String], name: String) throws(SRGANError) {
        other = texts
        func parse<Value>(_ key: String, _ read: (String) -> Value?) throws(SRGANError) -> Value? {
            guard let text = other.removeValue(forKey: key) else { return nil }
            guard let value = read(text) else {
                throw SRGANError(
                    .modelUnsupported, "\(name): the metadata \"\(key)\" has the unknown value \"\(text)\".")
            }
            return value
        }
        architecture =
            try parse(Key.architecture) {
                $0 == Self.generatorArchitecture || Architectures.named($0) != nil ? $0 : nil
            } ?? Self.generatorArchitecture
        blocks = try parse(Key.blocks) { Int($0) }
        scale = try parse(Key.scale) { Int($0) }
        inputRange = try parse(Key.inputRange) { ValueRange(rawValue: $0) } ?? .signed
        outputRange = try parse(Key.outputRange) { ValueRange(rawValue: $0) } ?? .signed
        finalActivation = try parse(Key.finalActivation) { FinalActivation(rawValue: $0) } ?? .none
        func epsilon(_ text: String) -> Float? { Float(text).flatMap { $0 >= 0 && $0.isFinite ? $0 : nil } }
        batchNormEpsilon = try parse(Key.batchNormEpsilon, epsilon) ?? 1e-5
        upsamplingBatchNormEpsilon = try parse(Key.upsamplingBatchNormEpsilon, epsilon)
        license = other.removeValue(forKey: Key.license)
        training = other.removeValue(forKey: Key.training)
        overlap = try parse(Key.overlap) { Int($0).flatMap { (0...512).contains($0) ? $0 : nil } }
        overlapDifference = try parse(Key.overlapDifference) { Double($0) }
    }

    /// The metadata encoded as a string map.
    public var texts: [String: String] {
        var texts = other
        texts[Key.architecture] = architecture
        texts[Key.blocks] = blocks.map(String.init)
        texts[Key.scale] = scale.map(String.init)
        texts[Key.inputRange] = inputRange.rawValue
        texts[Key.outputRange] = outputRange.rawValue
        texts[Key.finalActivation] = finalActivation.rawValue
        texts[Key.batchNormEpsilon] = "\(batchNormEpsilon)"
        texts[Key.upsamplingBatchNormEpsilon] = upsamplingBatchNormEpsilon.map { "\($0)" }
        texts[Key.license] = license
        texts[Key.training] = training
        texts[Key.overlap] = overlap.map(String.init)
        texts[Key.overlapDifference] = overlapDifference.map { "\($0)" }
        return texts
    }
}
