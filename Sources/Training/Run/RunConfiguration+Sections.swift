import SRGAN
import SystemPackage

extension KeyedDecodingContainer {
    /// What a key says, or a default.
    func value<Value: Decodable>(_ key: Key, _ standard: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? standard
    }

    /// The same for a number that may be written without a decimal point.
    func number(_ key: Key, _ standard: Double) throws -> Double {
        guard contains(key) else { return standard }
        if let whole = try? decode(Int.self, forKey: key) { return Double(whole) }
        return try decode(Double.self, forKey: key)
    }
}

extension RunConfiguration {
    /// `[data]`
    public struct DataSection: Sendable, Equatable, Decodable {
        /// How a pair is taken out of a picture.
        public enum Sampling: String, Sendable, Decodable {
            /// A random window (the paper).
            case crop
            /// The whole picture, resized (the write-up).
            case resize
        }

        /// The folders of pictures, with those below them.
        public var folders: [FilePath]
        /// The side of a high-resolution crop.
        public var crop: Int
        /// How a pair is taken out of a picture.
        public var sampling: Sampling
        /// Whether pairs are flipped and turned at random.
        public var augment: Bool
        /// Pairs a step.
        public var batch: Int

        private enum CodingKeys: String, CodingKey { case folders, crop, sampling, augment, batch }

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            folders = try keys.decode([String].self, forKey: .folders).map { FilePath($0) }
            crop = try keys.value(.crop, 96)
            sampling = try keys.value(.sampling, .crop)
            augment = try keys.value(.augment, true)
            batch = try keys.value(.batch, 16)
        }
    }

    /// `[teacher]`
    public struct TeacherSection: Sendable, Equatable, Decodable {
        /// The file of a finished generator.
        public var model: FilePath
        /// How much of the target is the teacher's output; the rest is the photograph.
        public var share: Double

        private enum CodingKeys: String, CodingKey { case model, share }

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            model = FilePath(try keys.decode(String.self, forKey: .model))
            share = try keys.number(.share, 0.75)
        }
    }

    /// `[generator]`
    public struct GeneratorSection: Sendable, Equatable, Decodable {
        /// What the first weights are, where no model is named.
        public enum Start: String, Sendable, Decodable {
            /// What PyTorch draws by default.
            case random
            /// A network that interpolates: see `GeneratorNetwork.startAsInterpolator`.
            case interpolator
        }

        /// The number of residual blocks.
        public var blocks = 16
        /// The number of features.
        public var channels = 64
        /// Whether the trunk has batch normalisation.
        public var trunkNorm = true
        /// Whether the upsampling blocks have it: the write-up's do, the paper's do not.
        public var upsamplingNorm = true
        /// What the first weights are, where no model is named.
        public var start = Start.random
        /// A model file to start from.
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

        /// What is built.
        public var shape: GeneratorNetwork.Shape {
            .init(
                blocks: blocks, channels: channels, normalizesTrunk: trunkNorm, normalizesUpsampling: upsamplingNorm)
        }
    }

    /// `[discriminator]`
    public struct DiscriminatorSection: Sendable, Equatable, Decodable {
        /// What the last layers look at.
        public enum Kind: String, Sendable, Decodable {
            /// Patches (the write-up).
            case patch
            /// The whole crop, through dense layers (the paper).
            case dense
        }

        /// What the last layers look at.
        public var kind = Kind.patch
        /// Features of the first block.
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

    /// `[perceptual]`
    public struct PerceptualSection: Sendable, Equatable, Decodable {
        /// The names of the depths.
        public enum Depth: String, Sendable, Decodable {
            /// `features[:9]`
            case vgg22
            /// `features[:18]`
            case conv34 = "conv3_4"
            /// `features[:36]`, whose features count 1/12.75 (the paper).
            case vgg54
        }

        /// The file of VGG-19's weights.
        public var weights: FilePath?
        /// How deep the features are.
        public var depth = Depth.conv34
        /// Whether pictures are normalised as VGG-19's own training data were; the write-up does not.
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

    /// `[loss]`
    public struct LossSection: Sendable, Equatable, Decodable {
        /// Pixel losses.
        public enum Pixel: String, Sendable, Decodable { case mse, l1 }
        /// Adversarial losses.
        public enum Adversarial: String, Sendable, Decodable {
            /// Squared differences to 1 and 0 (the write-up).
            case lsgan
            /// Binary cross-entropy of logits (the paper).
            case bce
        }

        /// The pixel loss.
        public var pixel = Pixel.mse
        /// Its weight; 1 in the first stage and 0 in the second unless it is set.
        public var pixelWeight: Double?
        /// The weight of the difference between features.
        public var perceptualWeight = 1.0
        /// The adversarial loss.
        public var adversarial = Adversarial.lsgan
        /// Its weight.
        public var adversarialWeight = 1e-3
        /// The weight of total variation.
        public var variationWeight = 0.0

        private enum CodingKeys: String, CodingKey {
            case pixel, adversarial
            case pixelWeight = "pixel_weight"
            case perceptualWeight = "perceptual_weight"
            case adversarialWeight = "adversarial_weight"
            case variationWeight = "variation_weight"
        }

        init() {}

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            pixel = try keys.value(.pixel, pixel)
            if keys.contains(.pixelWeight) { pixelWeight = try keys.number(.pixelWeight, 0) }
            perceptualWeight = try keys.number(.perceptualWeight, perceptualWeight)
            adversarial = try keys.value(.adversarial, adversarial)
            adversarialWeight = try keys.number(.adversarialWeight, adversarialWeight)
            variationWeight = try keys.number(.variationWeight, variationWeight)
        }
    }

    /// `[optimizer]`
    public struct OptimizerSection: Sendable, Equatable, Decodable {
        /// The step's length at the start.
        public var learningRate = 2e-4
        /// How much the first moment keeps.
        public var beta1 = 0.5
        /// How much the second moment keeps.
        public var beta2 = 0.999
        /// How the learning rate changes.
        public var schedule = LearningRateSchedule.Kind.constant
        /// Iterations over which the learning rate rises from zero.
        public var warmup = 0
        /// Iterations between two steps of the schedule `step`.
        public var stepEvery = 100_000
        /// What a step multiplies the learning rate by.
        public var stepFactor = 0.1
        /// How much the average of the weights keeps at each step; 0 for no average.
        public var average = 0.0
        /// The length that a network's whole gradient is shortened to where it is longer; 0 for no bound.
        public var clipNorm = 0.0

        private enum CodingKeys: String, CodingKey {
            case beta1, beta2, schedule, warmup, average
            case clipNorm = "clip_norm"
            case learningRate = "learning_rate"
            case stepEvery = "step_every"
            case stepFactor = "step_factor"
        }

        init() {}

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            learningRate = try keys.number(.learningRate, learningRate)
            beta1 = try keys.number(.beta1, beta1)
            beta2 = try keys.number(.beta2, beta2)
            schedule = try keys.value(.schedule, schedule)
            warmup = try keys.value(.warmup, warmup)
            stepEvery = try keys.value(.stepEvery, stepEvery)
            stepFactor = try keys.number(.stepFactor, stepFactor)
            average = try keys.number(.average, average)
            clipNorm = try keys.number(.clipNorm, clipNorm)
        }
    }

    /// `[report]`
    public struct ReportSection: Sendable, Equatable, Decodable {
        /// Iterations between two lines of the log.
        public var logEvery = 100
        /// Iterations between two checkpoints.
        public var checkpointEvery = 1000
        /// Batches over which batch normalisation's statistics are taken anew before a model is written; 0 to keep the running
        /// ones.
        public var statisticsBatches = 100

        private enum CodingKeys: String, CodingKey {
            case logEvery = "log_every"
            case checkpointEvery = "checkpoint_every"
            case statisticsBatches = "statistics_batches"
        }

        init() {}

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            logEvery = try keys.value(.logEvery, logEvery)
            checkpointEvery = try keys.value(.checkpointEvery, checkpointEvery)
            statisticsBatches = try keys.value(.statisticsBatches, statisticsBatches)
        }
    }
}
