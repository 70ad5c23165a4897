import ConfigurationFile
import SRGAN
import SystemPackage

extension RunConfiguration {
    /// `[generator]`: the structure and the initial weights of the generator.
    public struct GeneratorSection: Sendable, Equatable {
        /// The kinds of initial weights.
        public enum Start: String, Sendable, CaseIterable {
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

        /// Reads the section, and adds its mistakes to those of the file.
        init(_ table: ConfigurationTable, base: FilePath) {
            blocks = table.integer("blocks", in: 1...256) ?? blocks
            channels = table.integer("channels", in: 1...1024) ?? channels
            trunkNorm = table.bool("trunk_norm", default: trunkNorm)
            upsamplingNorm = table.bool("upsampling_norm", default: upsamplingNorm)
            start = table.choice("start", Start.self) ?? start
            initial = table.path("initial", base: base)
            if start == .interpolator, trunkNorm || upsamplingNorm || channels < 6 {
                table.add(
                    "start",
                    "can be \"interpolator\" only with trunk_norm = false, upsampling_norm = false and 6 channels or more."
                )
            }
            table.finish()
        }

        /// The shape of the network.
        public var shape: TrainableGenerator.Shape {
            .init(
                blocks: blocks, channels: channels, normalizesTrunk: trunkNorm, normalizesUpsampling: upsamplingNorm)
        }
    }

    /// `[discriminator]`: the structure of the discriminator.
    public struct DiscriminatorSection: Sendable, Equatable {
        /// The choices for the part of a crop that one score of the discriminator covers.
        public enum Kind: String, Sendable, CaseIterable {
            /// A patch of the crop (the PyTorch reference implementation).
            case patch
            /// The whole crop, through dense layers (the SRGAN paper).
            case dense
            /// Each pixel, by a U-Net with spectral normalisation (Real-ESRGAN).
            case unet
        }

        /// The part of a crop that one score covers.
        public var kind = Kind.patch
        /// The number of feature channels in the first block.
        public var channels = 64
        /// The learning rate after the warm-up; nil for that of `[optimizer]`. The schedule changes both in the same way.
        public var learningRate: Double?
        /// The number of iterations at the start in which the discriminator is trained alone.
        public var ahead = 0

        /// Reads the section, and adds its mistakes to those of the file.
        init(_ table: ConfigurationTable) {
            kind = table.choice("kind", Kind.self) ?? kind
            channels = table.integer("channels", in: 1...512) ?? channels
            learningRate = table.number("learning_rate", in: .leastNonzeroMagnitude ... .greatestFiniteMagnitude)
            ahead = table.integer("ahead", in: 0...1_000_000_000) ?? ahead
            table.finish()
        }
    }

    /// `[perceptual]`: the VGG-19 network whose features the perceptual loss compares.
    public struct PerceptualSection: Sendable, Equatable {
        /// The VGG-19 layers whose features can be compared.
        public enum Depth: String, Sendable, CaseIterable {
            /// torchvision's `vgg19.features[:9]`.
            case vgg22
            /// torchvision's `vgg19.features[:18]`.
            case conv34 = "conv3_4"
            /// torchvision's `vgg19.features[:36]`, with the features scaled by 1/12.75 (the SRGAN paper).
            case vgg54
        }

        /// The file with VGG-19's weights.
        public var weights: FilePath?
        /// The VGG-19 layer whose features are compared; ignored if `layers` is not empty.
        public var depth = Depth.conv34
        /// The weights of several layers whose features are compared.
        public var layers: [PerceptualNetwork.Depth: Double] = [:]
        /// The distances of features.
        public enum Distance: String, Sendable, CaseIterable { case mse, l1 }
        /// The distance of the features.
        public var distance = Distance.mse
        /// Whether images are normalised as VGG-19's training images were. The PyTorch reference implementation does
        /// not normalise them.
        public var imageNet = false

        /// Reads the section, and adds its mistakes to those of the file.
        init(_ table: ConfigurationTable, base: FilePath) {
            weights = table.path("weights", base: base)
            depth = table.choice("depth", Depth.self) ?? depth
            distance = table.choice("distance", Distance.self) ?? distance
            imageNet = table.bool("imagenet_normalization", default: imageNet)
            let layers = table.table("layers")
            for depth in PerceptualNetwork.Depth.allCases {
                guard let weight = layers.number(depth.name, in: 0 ... .greatestFiniteMagnitude), weight > 0 else {
                    continue
                }
                self.layers[depth] = weight
            }
            layers.finish()
            if layers.exists, self.layers.isEmpty {
                table.add("layers", "needs a layer with a weight above 0; write for example conv3_4 = 1.")
            }
            if layers.exists, table.has("depth") {
                table.add("depth", "cannot be combined with [perceptual.layers].")
            }
            table.finish()
        }
    }
}

extension PerceptualNetwork.Depth {
    /// The name in a configuration.
    var name: String {
        switch self {
        case .conv12: "conv1_2"
        case .conv22: "conv2_2"
        case .conv34: "conv3_4"
        case .conv44: "conv4_4"
        case .conv54: "conv5_4"
        }
    }
}
