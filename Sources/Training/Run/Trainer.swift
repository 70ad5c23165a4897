import NeuralNetwork
import SRGAN
import SystemPackage

/// One run of training, step by step; which of the two stages it is, its configuration says.
///
/// Not Sendable: it belongs to the thread that trains.
public final class Trainer {
    /// What is trained, and how.
    public let configuration: RunConfiguration
    /// The generator.
    public let generator: TrainableGenerator
    /// Its adversary, in the adversarial stage.
    public let discriminator: DiscriminatorNetwork?
    /// How many steps have been taken.
    public internal(set) var iteration = 0

    let context: ComputeContext
    let dataset: PatchDataset
    let generatorAdam: Adam
    let discriminatorAdam: Adam?
    let average: ParameterAverage?
    private let features: PerceptualNetwork?
    private let schedule: LearningRateSchedule
    private var loader: BatchLoader?
    private var contest = ContestWatch()
    /// How long steps have waited for their data so far.
    public private(set) var dataWait = Duration.zero

    /// Features of VGG54 are scaled by this (section 3.2 of the paper).
    private static let deepFeatureScale = 1 / 12.75

    /// Builds the networks and draws, or loads, their first weights.
    ///
    /// - Parameter perceptualTensors: The weights of VGG-19; read from the file that the configuration names if nil.
    /// - Throws: `configuration`, where an initial model or VGG-19's weights cannot be used.
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
                try generator.load(try ModelFile(contentsOf: initial).tensors)
            } catch {
                throw TrainingError(.configuration, "\(initial) cannot be the start: \(error)", cause: error)
            }
        }
        generatorAdam = adam(generator.store)
        if configuration.stage == .adversarial {
            let kind: DiscriminatorNetwork.Kind =
                configuration.discriminator.kind == .patch ? .patch : .dense(side: configuration.data.crop)
            let network = DiscriminatorNetwork(kind, channels: configuration.discriminator.channels, context: context)
            network.initialize(random: &random)
            discriminator = network
            discriminatorAdam = adam(network.store)
        } else {
            (discriminator, discriminatorAdam) = (nil, nil)
        }
        if configuration.stage == .adversarial, loss.perceptualWeight > 0 {
            features = try Self.features(configuration.perceptual, tensors: perceptualTensors, context: context)
        } else {
            features = nil
        }
        average =
            optimizer.average > 0
            ? ParameterAverage(generator.store, decay: optimizer.average, context: context) : nil
        schedule = LearningRateSchedule(
            kind: optimizer.schedule, base: optimizer.learningRate, iterations: configuration.iterations,
            warmup: optimizer.warmup, stepEvery: optimizer.stepEvery, stepFactor: optimizer.stepFactor)
    }

    private static func features(
        _ section: RunConfiguration.PerceptualSection, tensors: [String: Tensor]?, context: ComputeContext
    ) throws(TrainingError) -> PerceptualNetwork {
        let depth: PerceptualNetwork.Depth =
            switch section.depth {
            case .vgg22: .vgg22
            case .conv34: .conv34
            case .vgg54: .vgg54
            }
        do {
            let weights = try tensors ?? ModelFile(contentsOf: section.weights ?? "").tensors
            // The first layer's width is the network's: tests use a narrow one.
            let channels = weights["features.0.weight"]?.shape.first ?? 64
            return try PerceptualNetwork(
                depth, normalization: section.imageNet ? .imageNet : .none, channels: channels, tensors: weights,
                context: context)
        } catch {
            throw TrainingError(
                .configuration, "\(section.weights?.string ?? "perceptual.weights") is no VGG-19: \(error)",
                cause: error)
        }
    }

    /// The learning rate of the next step.
    public var learningRate: Double { schedule.rate(at: iteration) }

    /// Takes the next step.
    ///
    /// - Returns: The losses by their usual names: `l_g_pix`, `l_g_percep`, `l_g_gan`, `l_g_tv`, `l_d_real`, `l_d_fake`; each
    ///   without its weight.
    /// - Throws: `diverged`; the weights are then of no use, and the last checkpoint is what is left. `unusableImage`, where
    ///   the data cannot be prepared.
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
        let (output, scores) = trainGenerator(pairs, rate: rate, losses: &losses)
        try checkFinite(losses)
        if discriminator != nil {
            trainDiscriminator(real: pairs.high, fake: output, scores: scores, rate: rate, losses: &losses)
            try checkFinite(losses)
            try contest.take(real: losses["l_d_real"] ?? 1, fake: losses["l_d_fake"] ?? 1)
        }
        average?.update()
        iteration += 1
        return losses
    }

    /// Returns its output, and how the discriminator scored that if it was asked.
    private func trainGenerator(
        _ pairs: BatchLoader.Pairs, rate: Double, losses: inout [String: Double]
    ) -> (output: Batch, scores: Batch?) {
        let loss = configuration.loss
        generator.store.zeroGradients()
        let output = generator.forward(pairs.low)
        var gradient: Batch?
        var scores: Batch?
        func add(_ name: String, _ value: Double, _ slope: Batch) {
            losses[name] = value
            gradient = gradient?.adding(slope, context) ?? slope
        }
        if let weight = loss.pixelWeight, weight > 0 {
            let term =
                switch loss.pixel {
                case .mse: Loss.meanSquaredError(output, pairs.high, weight: Float(weight), context: context)
                case .l1: Loss.meanAbsoluteError(output, pairs.high, weight: Float(weight), context: context)
                case .psnr: Loss.negativePSNR(output, pairs.high, weight: Float(weight), context: context)
                }
            add("l_g_pix", term.loss, term.gradient)
        }
        if loss.variationWeight > 0 {
            let term = Loss.totalVariation(output, weight: Float(loss.variationWeight), context: context)
            add("l_g_tv", term.loss, term.gradient)
        }
        if let features {
            let scale = features.depth == .vgg54 ? Self.deepFeatureScale * Self.deepFeatureScale : 1
            let target = features.forward(pairs.high)
            let term = Loss.meanSquaredError(
                features.forward(output), target, weight: Float(loss.perceptualWeight * scale), context: context)
            add("l_g_percep", term.loss * scale, features.backward(term.gradient))
        }
        if let discriminator, loss.adversarialWeight > 0 {
            // Only the way back to the image counts here; the discriminator learns from its own losses, for which the
            // scores serve once more.
            (discriminator.store.isFrozen, discriminator.store.keepsInputs) = (true, true)
            let fake = discriminator.forward(output)
            let term = score(fake, target: 1, weight: loss.adversarialWeight)
            add("l_g_gan", term.loss, discriminator.backward(term.gradient))
            (discriminator.store.isFrozen, discriminator.store.keepsInputs) = (false, false)
            scores = fake
        }
        if let gradient {
            generator.backward(gradient)
            take(generatorAdam, of: generator.store, rate: rate)
        }
        return (output, scores)
    }

    /// - Parameter scores: what `fake` has just been given, if it has.
    private func trainDiscriminator(
        real: Batch, fake: Batch, scores: Batch?, rate: Double, losses: inout [String: Double]
    ) {
        guard let discriminator, let discriminatorAdam else { return }
        discriminator.store.zeroGradients()
        // First what it has in its layers from the generator's turn.
        let ofFake = score(scores ?? discriminator.forward(fake), target: 0, weight: 0.5)
        discriminator.learn(from: ofFake.gradient)
        let ofReal = score(discriminator.forward(real), target: 1, weight: 0.5)
        discriminator.learn(from: ofReal.gradient)
        (losses["l_d_fake"], losses["l_d_real"]) = (ofFake.loss, ofReal.loss)
        take(discriminatorAdam, of: discriminator.store, rate: rate)
    }

    private func take(_ adam: Adam, of store: ParameterStore, rate: Double) {
        let bound = configuration.optimizer.clipNorm
        if bound > 0 { store.clipGradients(norm: bound) }
        adam.learningRate = rate
        adam.step()
    }

    private func score(_ scores: Batch, target: Float, weight: Double) -> (loss: Double, gradient: Batch) {
        configuration.loss.adversarial == .lsgan
            ? Loss.meanSquaredError(scores, target: target, weight: Float(weight), context: context)
            : Loss.binaryCrossEntropy(logits: scores, target: target, weight: Float(weight), context: context)
    }

    private func checkFinite(_ losses: [String: Double]) throws(TrainingError) {
        guard let bad = losses.sorted(by: { $0.key < $1.key }).first(where: { !$0.value.isFinite }) else { return }
        throw TrainingError(
            .diverged, "\(bad.key) is \(bad.value) at iteration \(iteration + 1): the training has diverged.")
    }

    /// Forgets prepared batches after the iteration has changed.
    func restartLoader() { loader = nil }
}
