import NeuralNetwork
import SRGAN
import SystemPackage

/// Trains the networks step by step. The configuration selects the training stage.
///
/// Not Sendable: use it on one thread.
public final class Trainer {
    /// The configuration of the run.
    public let configuration: RunConfiguration
    /// The generator.
    public let generator: TrainableGenerator
    /// The discriminator; nil in the stage `pretrain`.
    public let discriminator: DiscriminatorNetwork?
    /// The number of finished steps.
    public internal(set) var iteration = 0

    let context: ComputeContext
    let dataset: PatchDataset
    let generatorAdam: Adam
    let discriminatorAdam: Adam?
    let average: ParameterAverage?
    private let perceptual: PerceptualLoss?
    private let adversarial: AdversarialLoss
    private let schedule: LearningRateSchedule
    private var loader: BatchLoader?
    private var saturation = SaturationDetector()
    /// The time that all steps so far have spent waiting for data.
    public private(set) var dataWait = Duration.zero

    /// Builds the networks and draws or loads their initial weights.
    ///
    /// - Parameter perceptualTensors: The weights of VGG-19; if nil, they are read from the file in the configuration.
    /// - Throws: `configuration`, if an initial model or VGG-19's weights cannot be used.
    public init(
        _ configuration: RunConfiguration, dataset: PatchDataset, perceptualTensors: [String: Tensor]? = nil,
        context: ComputeContext
    ) throws(TrainingError) {
        self.configuration = configuration
        self.dataset = dataset
        self.context = context
        let (optimizer, loss) = (configuration.optimizer, configuration.loss)
        func adam(_ store: ParameterStore) -> Adam {
            Adam(
                store, learningRate: optimizer.learningRate, beta1: optimizer.beta1, beta2: optimizer.beta2,
                context: context)
        }
        var random = SeededGenerator(seed: configuration.seed)
        generator = TrainableGenerator(configuration.generator.shape, context: context)
        generator.initialize(random: &random)
        if configuration.generator.start == .interpolator { generator.startAsInterpolator(random: &random) }
        if let initial = configuration.generator.initial {
            do {
                try generator.load(try ModelFile.opening(initial).tensors)
            } catch {
                throw TrainingError(.configuration, "\(initial) cannot be the initial model: \(error)", cause: error)
            }
        }
        generatorAdam = adam(generator.store)
        if configuration.stage == .adversarial {
            let kind: DiscriminatorNetwork.Kind =
                switch configuration.discriminator.kind {
                case .patch: .patch
                case .dense: .dense(side: configuration.data.crop)
                case .unet: .unet
                }
            let network = DiscriminatorNetwork(kind, channels: configuration.discriminator.channels, context: context)
            network.initialize(random: &random)
            discriminator = network
            discriminatorAdam = adam(network.store)
        } else {
            (discriminator, discriminatorAdam) = (nil, nil)
        }
        if configuration.stage == .adversarial, loss.perceptualWeight > 0 {
            perceptual = try PerceptualLoss(configuration.perceptual, tensors: perceptualTensors, context: context)
        } else {
            perceptual = nil
        }
        adversarial = AdversarialLoss(kind: loss.adversarial, context: context)
        average =
            optimizer.average > 0
            ? ParameterAverage(generator.store, decay: optimizer.average, context: context) : nil
        schedule = LearningRateSchedule(
            kind: optimizer.schedule, base: optimizer.learningRate, iterations: configuration.iterations,
            warmup: optimizer.warmup, stepEvery: optimizer.stepEvery, stepFactor: optimizer.stepFactor)
    }

    /// The learning rate of the next step.
    public var learningRate: Double { schedule.rate(at: iteration) }

    /// Performs the next training step.
    ///
    /// - Returns: The losses by their usual names: `l_g_pix`, `l_g_percep`, `l_g_gan`, `l_g_tv`, `l_g_grid`,
    ///   `l_g_freq`, `l_d_real`, `l_d_fake`. The losses are not multiplied by their weights.
    /// - Throws: `diverged`, after which the current weights are useless and training can only resume from the last
    ///   checkpoint; `unusableImage`, if the data cannot be prepared.
    public func step() throws(TrainingError) -> [String: Double] {
        let loader: BatchLoader
        if let existing = self.loader {
            loader = existing
        } else {
            loader = BatchLoader(
                dataset, count: configuration.data.batch, crop: configuration.data.crop, seed: configuration.seed,
                first: iteration, context: context)
            self.loader = loader
        }
        let (pairs, waited) = try loader.next()
        dataWait += waited
        var losses: [String: Double] = [:]
        let rate = learningRate
        if discriminator != nil, iteration < configuration.discriminator.ahead {
            let output = generator.forward(pairs.low)
            trainDiscriminator(real: pairs.high, fake: output, scores: nil, rate: rate, losses: &losses)
        } else {
            let (output, scores) = trainGenerator(pairs, rate: rate, losses: &losses)
            try checkFinite(losses)
            trainDiscriminator(real: pairs.high, fake: output, scores: scores, rate: rate, losses: &losses)
        }
        try checkFinite(losses)
        if discriminator != nil { try saturation.add(real: losses["l_d_real"] ?? 1, fake: losses["l_d_fake"] ?? 1) }
        average?.update()
        iteration += 1
        return losses
    }

    /// The discriminator's scores of generated images, and the mean score of real images if the loss compares them.
    private typealias Scores = (fake: Batch, realMean: Double?)

    /// Trains the generator. Returns the generator's output, and the discriminator's scores if the loss needs them.
    private func trainGenerator(
        _ pairs: BatchLoader.Pairs, rate: Double, losses: inout [String: Double]
    ) -> (output: Batch, scores: Scores?) {
        let loss = configuration.loss
        generator.store.zeroGradients()
        let output = generator.forward(pairs.low)
        var gradient: Batch?
        var scores: Scores?
        func add(_ name: String, _ term: (loss: Double, gradient: Batch)) {
            losses[name] = term.loss
            gradient = gradient?.adding(term.gradient, context) ?? term.gradient
        }
        if let weight = loss.pixelWeight, weight > 0 {
            let term =
                switch loss.pixel {
                case .mse: Loss.meanSquaredError(output, pairs.high, weight: Float(weight), context: context)
                case .l1: Loss.meanAbsoluteError(output, pairs.high, weight: Float(weight), context: context)
                case .psnr: Loss.negativePSNR(output, pairs.high, weight: Float(weight), context: context)
                }
            add("l_g_pix", term)
        }
        if loss.variationWeight > 0 {
            add("l_g_tv", Loss.totalVariation(output, weight: Float(loss.variationWeight), context: context))
        }
        if loss.gridWeight > 0 {
            let (period, weight) = (PatchDataset.scale, Float(loss.gridWeight))
            add("l_g_grid", Loss.grid(output, pairs.high, period: period, weight: weight, context: context))
        }
        if loss.consistencyWeight > 0 {
            let (factor, weight) = (PatchDataset.scale, Float(loss.consistencyWeight))
            add("l_g_cons", Loss.consistency(output, pairs.high, factor: factor, weight: weight, context: context))
        }
        if loss.frequencyWeight > 0 {
            let weight = Float(loss.frequencyWeight)
            add("l_g_freq", Loss.frequencies(output, pairs.high, weight: weight, context: context))
        }
        if let perceptual { add("l_g_percep", perceptual(output, pairs.high, weight: loss.perceptualWeight)) }
        if let discriminator, loss.adversarialWeight > 0 {
            // This loss needs only the gradient with respect to the image, so the discriminator's parameters are
            // frozen. The discriminator is trained afterwards by its own losses, which reuse these scores.
            (discriminator.store.isFrozen, discriminator.store.keepsInputs) = (true, true)
            let real = adversarial.comparesScores ? discriminator.forward(pairs.high) : nil
            let fake = discriminator.forward(output)
            let term = adversarial.generator(fake, real: real, weight: loss.adversarialWeight)
            add("l_g_gan", (term.loss, discriminator.backward(term.gradient)))
            (discriminator.store.isFrozen, discriminator.store.keepsInputs) = (false, false)
            scores = (fake, real.map { Loss.mean($0) })
        }
        if let gradient {
            generator.backward(gradient)
            step(generatorAdam, of: generator.store, rate: rate)
        }
        return (output, scores)
    }

    /// Trains the discriminator, if there is one.
    ///
    /// - Parameter scores: The scores that were computed to train the generator; nil if there are none.
    private func trainDiscriminator(
        real: Batch, fake: Batch, scores: Scores?, rate: Double, losses: inout [String: Double]
    ) {
        guard let discriminator, let discriminatorAdam else { return }
        discriminator.store.zeroGradients()
        let realMean =
            scores?.realMean ?? (adversarial.comparesScores ? Loss.mean(discriminator.forward(real)) : 0)
        // The generated images come first, because the discriminator's layers may still hold the activations of these
        // images from the training of the generator.
        let fakeScores = scores?.fake ?? discriminator.forward(fake)
        let fakeTerm = adversarial.discriminator(fakeScores, isReal: false, othersMean: realMean, weight: 0.5)
        discriminator.learn(from: fakeTerm.gradient)
        let realTerm = adversarial.discriminator(
            discriminator.forward(real), isReal: true,
            othersMean: adversarial.comparesScores ? Loss.mean(fakeScores) : 0, weight: 0.5)
        discriminator.learn(from: realTerm.gradient)
        (losses["l_d_fake"], losses["l_d_real"]) = (fakeTerm.loss, realTerm.loss)
        let base = configuration.optimizer.learningRate
        let factor = (configuration.discriminator.learningRate ?? base) / base
        step(discriminatorAdam, of: discriminator.store, rate: rate * factor)
    }

    private func step(_ adam: Adam, of store: ParameterStore, rate: Double) {
        let bound = configuration.optimizer.clipNorm
        if bound > 0 { store.clipGradients(norm: bound) }
        adam.learningRate = rate
        adam.step()
    }

    private func checkFinite(_ losses: [String: Double]) throws(TrainingError) {
        guard let bad = losses.sorted(by: { $0.key < $1.key }).first(where: { !$0.value.isFinite }) else { return }
        throw TrainingError(
            .diverged, "\(bad.key) is \(bad.value) at iteration \(iteration + 1): the training has diverged.")
    }

    /// Discards the prepared batches. This is necessary after `iteration` has been restored from a checkpoint.
    func restartLoader() { loader = nil }
}
