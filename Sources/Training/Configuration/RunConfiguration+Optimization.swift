extension RunConfiguration {
    /// `[loss]`
    public struct LossSection: Sendable, Equatable, Decodable {
        /// Pixel losses.
        public enum Pixel: String, Sendable, Decodable { case mse, l1, psnr }
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
}
