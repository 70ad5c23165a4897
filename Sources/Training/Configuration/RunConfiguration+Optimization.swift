import ConfigurationFile

extension RunConfiguration {
    /// `[loss]`: the terms of the loss and their weights.
    public struct LossSection: Sendable, Equatable {
        /// The pixel losses: mean squared error, mean absolute error, negative PSNR.
        public enum Pixel: String, Sendable, CaseIterable { case mse, l1, psnr }
        /// The adversarial losses.
        public enum Adversarial: String, Sendable, CaseIterable {
            /// Squared differences of the scores from 1 for real and from 0 for generated images (the PyTorch reference
            /// implementation).
            case lsgan
            /// Binary cross-entropy of the scores as logits (the SRGAN paper).
            case bce
            /// Binary cross-entropy of each score's difference from the mean score of the other kind of images
            /// (ESRGAN): see `Loss.relativistic`.
            case relativistic
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
        /// The weight of the penalty for a grid: see `Loss.grid`.
        public var gridWeight = 0.0
        /// The weight of the difference between the reduced images: see `Loss.consistency`.
        public var consistencyWeight = 0.0
        /// The weight of the loss of Fourier transforms: see `Loss.frequencies`.
        public var frequencyWeight = 0.0

        /// Reads the section, and adds its mistakes to those of the file.
        init(_ table: ConfigurationTable) {
            let weight = 0...Double.greatestFiniteMagnitude
            pixel = table.choice("pixel", Pixel.self) ?? pixel
            pixelWeight = table.number("pixel_weight", in: weight)
            perceptualWeight = table.number("perceptual_weight", in: weight) ?? perceptualWeight
            adversarial = table.choice("adversarial", Adversarial.self) ?? adversarial
            adversarialWeight = table.number("adversarial_weight", in: weight) ?? adversarialWeight
            variationWeight = table.number("variation_weight", in: weight) ?? variationWeight
            gridWeight = table.number("grid_weight", in: weight) ?? gridWeight
            consistencyWeight = table.number("consistency_weight", in: weight) ?? consistencyWeight
            frequencyWeight = table.number("frequency_weight", in: weight) ?? frequencyWeight
            table.finish()
        }
    }

    /// `[optimizer]`: the settings of Adam.
    public struct OptimizerSection: Sendable, Equatable {
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

        /// Reads the section, and adds its mistakes to those of the file.
        init(_ table: ConfigurationTable) {
            let belowOne = 0...(1.0).nextDown
            let count = 0...1_000_000_000
            learningRate =
                table.number("learning_rate", in: .leastNonzeroMagnitude ... .greatestFiniteMagnitude) ?? learningRate
            beta1 = table.number("beta1", in: belowOne) ?? beta1
            beta2 = table.number("beta2", in: belowOne) ?? beta2
            schedule = table.choice("schedule", LearningRateSchedule.Kind.self) ?? schedule
            warmup = table.integer("warmup", in: count) ?? warmup
            stepEvery = table.integer("step_every", in: 1...count.upperBound) ?? stepEvery
            stepFactor = table.number("step_factor", in: 0 ... .greatestFiniteMagnitude) ?? stepFactor
            average = table.number("average", in: belowOne) ?? average
            clipNorm = table.number("clip_norm", in: 0 ... .greatestFiniteMagnitude) ?? clipNorm
            table.finish()
        }
    }
}
