import SRGAN
import SystemPackage

extension RunConfiguration {
    /// `[generator]`: the structure and the initial weights of the generator.
    public struct GeneratorSection: Sendable, Equatable, Decodable {
        /// The kinds of initial weights.
        public enum Start: String, Sendable, Decodable {
            /// Random weights, drawn as PyTorch does by default.
            case random
            /// Weights with which the untrained network already upscales about as well as bicubic interpolation: see
            /// `TrainableGenerator.startAsInterpolator`.
            case interpolator
        }

        /// The number of residual blocks.
        public var blocks = 16
        /// The number of feature channels.
        public var channels = 64
        /// Whether the residual blocks and the convolution after them have batch normalisation.
        public var trunkNorm = true
        /// Whether the upsampling blocks have batch normalisation, as in the PyTorch reference implementation but not
        /// in the SRGAN paper.
        public var upsamplingNorm = true
        /// The kind of initial weights if `initial` is nil.
        public var start = Start.random
        /// A model file with the initial weights.
        public var initial: FilePath?

        private enum CodingKeys: String, CodingKey {
            case blocks, channels, start, initial
            case trunkNorm = "trunk_norm"
            case upsamplingNorm = "upsampling_norm"
        }

        init() {}

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            blocks = try keys.value(.blocks, blocks)
            channels = try keys.value(.channels, channels)
            trunkNorm = try keys.value(.trunkNorm, trunkNorm)
            upsamplingNorm = try keys.value(.upsamplingNorm, upsamplingNorm)
            start = try keys.value(.start, start)
            initial = try keys.decodeIfPresent(String.self, forKey: .initial).map { FilePath($0) }
        }

        /// The shape of the network.
        public var shape: TrainableGenerator.Shape {
            .init(
                blocks: blocks, channels: channels, normalizesTrunk: trunkNorm, normalizesUpsampling: upsamplingNorm)
        }
    }

    /// `[discriminator]`: the structure of the discriminator.
    public struct DiscriminatorSection: Sendable, Equatable, Decodable {
        /// The choices for the part of a crop that one score of the discriminator covers.
        public enum Kind: String, Sendable, Decodable {
            /// A patch of the crop (the PyTorch reference implementation).
            case patch
            /// The whole crop, through dense layers (the SRGAN paper).
            case dense
        }

        /// The part of a crop that one score covers.
        public var kind = Kind.patch
        /// The number of feature channels in the first block.
        public var channels = 64

        private enum CodingKeys: String, CodingKey { case kind, channels }

        init() {}

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            kind = try keys.value(.kind, kind)
            channels = try keys.value(.channels, channels)
        }
    }

    /// `[perceptual]`: the VGG-19 network whose features the perceptual loss compares.
    public struct PerceptualSection: Sendable, Equatable, Decodable {
        /// The VGG-19 layers whose features can be compared.
        public enum Depth: String, Sendable, Decodable {
            /// torchvision's `vgg19.features[:9]`.
            case vgg22
            /// torchvision's `vgg19.features[:18]`.
            case conv34 = "conv3_4"
            /// torchvision's `vgg19.features[:36]`, with the features scaled by 1/12.75 (the SRGAN paper).
            case vgg54
        }

        /// The file with VGG-19's weights.
        public var weights: FilePath?
        /// The VGG-19 layer whose features are compared.
        public var depth = Depth.conv34
        /// Whether images are normalised as VGG-19's training images were. The PyTorch reference implementation does
        /// not normalise them.
        public var imageNet = false

        private enum CodingKeys: String, CodingKey {
            case weights, depth
            case imageNet = "imagenet_normalization"
        }

        init() {}

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            weights = try keys.decodeIfPresent(String.self, forKey: .weights).map { FilePath($0) }
            depth = try keys.value(.depth, depth)
            imageNet = try keys.value(.imageNet, imageNet)
        }
    }
}
