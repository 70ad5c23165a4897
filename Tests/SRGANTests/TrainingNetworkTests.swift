import Foundation
import NeuralNetwork
import SRGAN
import Testing

/// Whole training steps of both stages compared with PyTorch; expected values from
/// scripts/fixtures/make_training_fixtures.py. Both sides compute hashed weights and data.
struct TrainingNetworkTests {
    private let fixture: [String: Tensor]
    private let context = ComputeContext(threads: 2)

    init() throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/training-steps", withExtension: "safetensors"))
        fixture = try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: "training-steps").tensors
    }

    private func batch(_ step: Int, _ shape: [Int]) -> Batch {
        Batch(context, HashedModel.hashed(ordinal: 1000 + step, shape: shape, factor: 2, offset: -1))
    }

    private func hashedTensors(_ store: ParameterStore) -> [String: Tensor] {
        HashedModel.tensors(
            of: Dictionary(uniqueKeysWithValues: (store.parameters + store.statistics).map { ($0.name, $0.shape) }))
    }

    @Test(arguments: ["mse", "l1"])
    func tenStepsOfPretraining(_ name: String) throws {
        let expected = try #require(fixture["pretrain.\(name)"]).values
        let generator = TrainableGenerator(
            .init(blocks: 2, channels: 16, normalizesUpsampling: name == "mse"), context: context)
        try generator.load(hashedTensors(generator.store))
        let adam = Adam(generator.store, learningRate: 2e-4, beta1: 0.5, beta2: 0.999, context: context)
        for step in 0..<10 {
            generator.store.zeroGradients()
            let output = generator.forward(batch(2 * step, [2, 3, 5, 7]))
            let target = batch(2 * step + 1, [2, 3, 20, 28])
            let (loss, gradient) =
                name == "mse"
                ? Loss.meanSquaredError(output, target, context: context)
                : Loss.meanAbsoluteError(output, target, context: context)
            generator.backward(gradient)
            adam.step()
            #expect(abs(Float(loss) - expected[step]) < 1e-4 * expected[step], "step \(step)")
        }
        let tensors = generator.store.tensors
        let conv1 = try #require(fixture["pretrain.\(name).conv1"])
        #expect(try #require(tensors["conv1.0.weight"]).largestDifference(to: conv1) < 2e-5)
        let variance = try #require(fixture["pretrain.\(name).running_var"])
        #expect(try #require(tensors["conv2.1.running_var"]).largestDifference(to: variance) < 1e-3)
    }

    @Test(arguments: ["patch", "dense"])
    func tenStepsOfTheAdversarialStage(_ name: String) throws {
        let expected = try #require(fixture["adversarial.\(name)"]).values
        let generator = TrainableGenerator(.init(blocks: 1, channels: 16), context: context)
        try generator.load(hashedTensors(generator.store))
        let discriminator = DiscriminatorNetwork(
            name == "patch" ? .patch : .dense(side: 32), channels: 8, context: context)
        try discriminator.load(hashedTensors(discriminator.store))
        let features = try PerceptualNetwork(
            [.conv34], normalization: .none, channels: 8, tensors: hashedFeatures, context: context)
        let adams = [generator.store, discriminator.store].map {
            Adam($0, learningRate: 2e-5, beta1: 0.5, beta2: 0.999, context: context)
        }
        func score(_ scores: Batch, _ target: Float, _ weight: Float) -> (loss: Double, gradient: Batch) {
            name == "patch"
                ? Loss.meanSquaredError(scores, target: target, weight: weight, context: context)
                : Loss.binaryCrossEntropy(logits: scores, target: target, weight: weight, context: context)
        }
        for step in 0..<10 {
            let (low, high) = (batch(2 * step, [2, 3, 8, 8]), batch(2 * step + 1, [2, 3, 32, 32]))
            generator.store.zeroGradients()
            let output = generator.forward(low)
            let pixel = Loss.meanSquaredError(output, high, weight: 0.01, context: context)
            let target = features.forward(high)[0]
            let content = Loss.meanSquaredError(features.forward(output)[0], target, weight: 100, context: context)
            discriminator.store.isFrozen = true
            let adversarial = score(discriminator.forward(output), 1, 0.1)
            generator.backward(
                pixel.gradient.adding(features.backward([content.gradient]), context)
                    .adding(discriminator.backward(adversarial.gradient), context))
            adams[0].step()
            discriminator.store.isFrozen = false
            discriminator.store.zeroGradients()
            let real = score(discriminator.forward(high), 1, 0.5)
            discriminator.learn(from: real.gradient)
            let fake = score(discriminator.forward(output), 0, 0.5)
            discriminator.learn(from: fake.gradient)
            adams[1].step()
            for (i, loss) in [pixel.loss, content.loss, adversarial.loss, real.loss, fake.loss].enumerated() {
                let value = expected[step * 5 + i]
                #expect(abs(Float(loss) - value) < 1e-4 * value, "step \(step), loss \(i)")
            }
        }
    }

    @Test(arguments: ["bce", "relativistic"])
    func tenStepsWithAUNetAndEveryLoss(_ name: String) throws {
        let url = try #require(
            Bundle.module.url(forResource: "Fixtures/training-texture", withExtension: "safetensors"))
        let file = try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: "training-texture")
        let expected = try #require(file.tensors["texture.\(name)"]).values
        let generator = TrainableGenerator(.init(blocks: 1, channels: 16), context: context)
        try generator.load(hashedTensors(generator.store))
        let discriminator = DiscriminatorNetwork(.unet, channels: 8, context: context)
        try discriminator.load(hashedTensors(discriminator.store))
        let features = try PerceptualNetwork(
            [.conv12, .conv22, .conv34], normalization: .none, channels: 8, tensors: hashedFeatures, context: context)
        let adams = [(generator.store, 2e-5), (discriminator.store, 4e-5)].map {
            Adam($0, learningRate: $1, beta1: 0.5, beta2: 0.999, context: context)
        }
        for step in 0..<10 {
            let (low, high) = (batch(2 * step, [2, 3, 8, 8]), batch(2 * step + 1, [2, 3, 32, 32]))
            generator.store.zeroGradients()
            let output = generator.forward(low)
            let pixel = Loss.meanAbsoluteError(output, high, weight: 0.5, context: context)
            let grid = Loss.grid(output, high, period: 4, weight: 10, context: context)
            let frequencies = Loss.frequencies(output, high, weight: 0.2, context: context)
            let targets = features.forward(high)
            let distances = zip(zip(features.forward(output), targets), [0.3, 0.3, 0.4] as [Float]).map {
                pair, weight in
                let term = Loss.meanAbsoluteError(pair.0, pair.1, weight: 2 * weight, context: context)
                return (loss: term.loss * Double(weight), gradient: term.gradient)
            }
            (discriminator.store.isFrozen, discriminator.store.keepsInputs) = (true, true)
            let real = name == "bce" ? nil : discriminator.forward(high)
            let fake = discriminator.forward(output)
            let adversarial =
                real.map {
                    Loss.relativisticGenerator(generated: fake, real: $0, weight: 0.1, context: context)
                } ?? Loss.binaryCrossEntropy(logits: fake, target: 1, weight: 0.1, context: context)
            let gradients = [
                grid.gradient, frequencies.gradient, features.backward(distances.map(\.gradient)),
                discriminator.backward(adversarial.gradient),
            ]
            generator.backward(gradients.reduce(pixel.gradient) { $0.adding($1, context) })
            adams[0].step()
            (discriminator.store.isFrozen, discriminator.store.keepsInputs) = (false, false)
            discriminator.store.zeroGradients()
            let (realMean, fakeMean) = (real.map { Loss.mean($0) } ?? 0, real == nil ? 0 : Loss.mean(fake))
            let fakeTerm = Loss.relativistic(fake, othersMean: realMean, target: 0, weight: 0.5, context: context)
            discriminator.learn(from: fakeTerm.gradient)
            let realTerm = Loss.relativistic(
                discriminator.forward(high), othersMean: fakeMean, target: 1, weight: 0.5, context: context)
            discriminator.learn(from: realTerm.gradient)
            adams[1].step()
            let content = distances.reduce(0) { $0 + $1.loss }
            for (i, loss) in [
                pixel.loss, grid.loss, frequencies.loss, content, adversarial.loss, realTerm.loss, fakeTerm.loss,
            ].enumerated() {
                let value = expected[step * 7 + i]
                #expect(abs(Float(loss) - value) < 1e-4 * value, "step \(step), loss \(i)")
            }
        }
    }

    private var hashedFeatures: [String: Tensor] {
        var shapes: [String: [Int]] = [:]
        var inputs = 3
        for (place, outputs) in zip([0, 2, 5, 7, 10, 12, 14, 16], [8, 8, 16, 16, 32, 32, 32, 32]) {
            shapes["features.\(place).weight"] = [outputs, inputs, 3, 3]
            shapes["features.\(place).bias"] = [outputs]
            inputs = outputs
        }
        return HashedModel.tensors(of: shapes)
    }

    /// The model file of a trainable generator loads in the reference network, and both compute the same image.
    @Test(arguments: [
        TrainableGenerator.Shape(blocks: 2, channels: 16),
        TrainableGenerator.Shape(blocks: 1, channels: 16, normalizesUpsampling: false),
        TrainableGenerator.Shape(blocks: 2, channels: 16, normalizesTrunk: false, normalizesUpsampling: false),
    ])
    func trainableAndReferenceGeneratorsAgree(_ shape: TrainableGenerator.Shape) throws {
        let network = TrainableGenerator(shape, context: context)
        try network.load(hashedTensors(network.store))
        network.store.isTraining = false
        let input = HashedModel.hashed(ordinal: 5, shape: [1, 3, 6, 9], factor: 2, offset: -1)
        let output = network.forward(Batch(context, input)).tensor
        let model = try ReferenceGenerator(model: ModelFile(tensors: network.store.tensors, name: "trained"))
        let expected = model(Tensor(shape: [3, 6, 9], values: input.values))
        #expect(Tensor(shape: expected.shape, values: output.values).largestDifference(to: expected) < 1e-5)
    }

    @Test func initialParametersFollowTheSeed() {
        func draw(_ seed: UInt64) -> [String: Tensor] {
            let network = TrainableGenerator(.init(blocks: 1, channels: 16), context: context)
            var random = SeededGenerator(seed: seed)
            network.initialize(random: &random)
            return network.store.tensors
        }
        let first = draw(1)
        #expect(first == draw(1))
        #expect(first != draw(2))
        #expect(first["conv1.1.weight"]?.values == [0.25])
        let bound = 1 / Float(16 * 9).squareRoot()
        let weights = first["res_block.0.res_block.0.weight"]!.values
        #expect(weights.allSatisfy { abs($0) <= bound } && weights.contains { abs($0) > 0.9 * bound })
    }

    /// The features see the image normalised as in torchvision's training: from [-1, 1] to [0, 1], then with
    /// ImageNet's statistics.
    @Test func imageNetNormalization() throws {
        let plain = try PerceptualNetwork(
            [.conv22], normalization: .none, channels: 8, tensors: hashedFeatures, context: context)
        let normalizing = try PerceptualNetwork(
            [.conv22], normalization: .imageNet, channels: 8, tensors: hashedFeatures, context: context)
        let image = HashedModel.hashed(ordinal: 6, shape: [1, 3, 8, 8], factor: 2, offset: -1)
        var normalized = image
        for i in image.values.indices {
            let channel = i / 64
            let unit = (image.values[i] + 1) / 2
            normalized.values[i] = (unit - [0.485, 0.456, 0.406][channel]) / [0.229, 0.224, 0.225][channel]
        }
        let expected = plain.forward(Batch(context, normalized))[0].tensor
        #expect(expected.shape == [1, 16, 4, 4])
        let output = normalizing.forward(Batch(context, image))[0].tensor
        #expect(output.largestDifference(to: expected) < 1e-5)
    }
}
