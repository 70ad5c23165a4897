extension RunConfiguration {
    /// `[loss]`: the terms of the loss and their weights.
    public struct LossSection: Sendable, Equatable, Decodable {
        /// The pixel losses: mean squared error, mean absolute error, negative PSNR.
        public enum Pixel: String, Sendable, Decodable { case mse, l1, psnr }
        /// The adversarial losses.
        public enum Adversarial: String, Sendable, Decodable {
            /// Squared differences of the scores from 1 for real and from 0 for generated images (the PyTorch reference
            /// implementation).
            case lsgan
            /// Binary cross-entropy of the scores as logits (the SRGAN paper).
            case bce
        }

        /// The pixel loss.
        public var pixel = Pixel.mse
        /// The weight of the pixel loss; if not set, 1 in the stage `pretrain` and 0 in the stage `adversarial`.
        public var pixelWeight: Double?
        /// The weight of the perceptual loss.
        public var perceptualWeight = 1.0
        /// The adversarial loss.
        public var adversarial = Adversarial.lsgan
        /// The weight of the adversarial loss.
        public var adversarialWeight = 1e-3
        /// The weight of the total variation loss.
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

    /// `[optimizer]`: the settings of Adam.
    public struct OptimizerSection: Sendable, Equatable, Decodable {
        /// The learning rate after the warm-up, before the schedule changes it.
        public var learningRate = 2e-4
        /// The decay rate of Adam's first moment.
        public var beta1 = 0.5
        /// The decay rate of Adam's second moment.
        public var beta2 = 0.999
        /// The shape of the learning rate schedule.
        public var schedule = LearningRateSchedule.Kind.constant
        /// The number of iterations at the start over which the learning rate rises from zero (the warm-up).
        public var warmup = 0
        /// The number of iterations between two changes of the learning rate in the schedule `step`.
        public var stepEvery = 100_000
        /// The factor by which each of these changes multiplies the learning rate.
        public var stepFactor = 0.1
        /// The decay rate of the moving average of the weights; 0 computes no average.
        public var average = 0.0
        /// The maximum norm of a network's gradient; a gradient with a larger norm is scaled down to this norm. 0 sets
        /// no limit.
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
