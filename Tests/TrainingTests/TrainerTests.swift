import Foundation
import NeuralNetwork
import SRGAN
import SystemPackage
import Testing

@testable import Training

/// Whole runs of tiny networks.
struct TrainerTests {
    private let context = ComputeContext(threads: 2)

    private func dataset(_ count: Int = 3, side: Int = 48, augments: Bool = true) -> PatchDataset {
        PatchDataset(
            images: (0..<count).map { .shapes(width: side, height: side, seed: $0) }, crop: 32, augments: augments)
    }

    /// The first layers of a narrow VGG-19 with random weights.
    private var features: [String: Tensor] {
        var random = SeededGenerator(seed: 5)
        var tensors: [String: Tensor] = [:]
        var inputs = 3
        for (layer, outputs) in zip([0, 2, 5, 7, 10, 12, 14, 16], [4, 4, 8, 8, 16, 16, 16, 16]) {
            let bound = (6 / Float(9 * inputs)).squareRoot()
            let values = (0..<outputs * inputs * 9).map { _ in (2 * random.uniform() - 1) * bound }
            tensors["features.\(layer).weight"] = Tensor(shape: [outputs, inputs, 3, 3], values: values)
            tensors["features.\(layer).bias"] = Tensor(shape: [outputs])
            inputs = outputs
        }
        return tensors
    }

    private func trainer(
        _ stage: RunConfiguration.Stage, sections: String = "", output: FilePath = "run", data: PatchDataset? = nil,
        context: ComputeContext? = nil
    ) throws -> Trainer {
        var configuration = try RunConfiguration.tiny(
            stage, output: output,
            sections: sections + (stage == .adversarial ? "\nperceptual = { weights = \"vgg.safetensors\" }" : ""))
        configuration.output = output
        return try Trainer(
            configuration, dataset: data ?? dataset(), perceptualTensors: features, context: context ?? self.context)
    }

    @Test func overfitsOneImage() throws {
        let trainer = try trainer(
            .pretrain,
            sections: """
                optimizer = { learning_rate = 2e-3, beta1 = 0.9 }
                loss = { pixel = "mse" }
                """, data: dataset(1, side: 32, augments: false))
        var losses: [Double] = []
        for _ in 0..<300 { losses.append(try #require(try trainer.step()["l_g_pix"])) }
        #expect(losses[0] > 0.1)
        #expect(losses.suffix(10).reduce(0, +) / 10 < 2e-3)
    }

    /// A run that is interrupted and resumed gives the same bits as an uninterrupted one, with any number of threads.
    @Test(arguments: [RunConfiguration.Stage.pretrain, .adversarial])
    func resumesToTheSameBits(_ stage: RunConfiguration.Stage) throws {
        let sections = """
            optimizer = { average = 0.9, schedule = "cosine", warmup = 2 }
            report = { statistics_batches = 3 }
            """
        let whole = try trainer(stage, sections: sections)
        for _ in 0..<6 { _ = try whole.step() }
        let first = try trainer(stage, sections: sections, context: ComputeContext(threads: 1))
        for _ in 0..<3 { _ = try first.step() }
        // Writing a model during the run changes nothing.
        _ = try first.model(training: "")
        let second = try trainer(stage, sections: sections)
        try second.restore(first.checkpoint(), name: "checkpoint")
        #expect(second.iteration == 3)
        for _ in 0..<3 { _ = try second.step() }
        #expect(second.checkpoint() == whole.checkpoint())
        #expect(try second.model(training: "").tensors == whole.model(training: "").tensors)
    }

    @Test func checkpointsOfOtherRunsAreRefused() throws {
        let pretraining = try trainer(.pretrain)
        let adversarial = try trainer(.adversarial)
        let bytes = pretraining.checkpoint()
        #expect(throws: TrainingError.self) { try adversarial.restore(bytes, name: "c") }
        #expect(throws: TrainingError.self) { try pretraining.restore(Array(bytes.dropLast()), name: "c") }
        let average = try trainer(.pretrain, sections: "optimizer = { average = 0.5 }")
        #expect(throws: TrainingError.self) { try average.restore(bytes, name: "c") }
    }

    @Test func adversarialStageReportsItsLosses() throws {
        let losses = try trainer(
            .adversarial, sections: "loss = { pixel_weight = 0.1, variation_weight = 1e-4 }"
        ).step()
        #expect(
            Set(losses.keys) == ["l_g_pix", "l_g_percep", "l_g_gan", "l_g_tv", "l_d_real", "l_d_fake"])
        #expect(losses.values.allSatisfy { $0.isFinite && $0 > 0 })
    }

    /// Without its adversarial term the stage equals perceptual training, which is written out here. The discriminator,
    /// whatever its size, does not change the generator.
    @Test(arguments: [4, 8])
    func withoutAdversarialWeightTheStageIsPerceptualTraining(channels: Int) throws {
        var configuration = try RunConfiguration.tiny(
            .adversarial,
            sections: """
                perceptual = { weights = "vgg.safetensors" }
                loss = { adversarial_weight = 0 }
                """)
        configuration.discriminator.channels = channels
        let trainer = try Trainer(configuration, dataset: dataset(), perceptualTensors: features, context: context)

        let generator = TrainableGenerator(configuration.generator.shape, context: context)
        try generator.load(trainer.generator.store.tensors)
        let vgg = try PerceptualNetwork(
            [.conv34], normalization: .none, channels: 4, tensors: features, context: context)
        let adam = Adam(generator.store, learningRate: 2e-4, beta1: 0.5, beta2: 0.999, context: context)
        for number in 0..<3 {
            let pairs = try BatchLoader.pairs(
                dataset(), count: 2, crop: 32, seed: configuration.seed, number: number, context: context)
            generator.store.zeroGradients()
            let target = vgg.forward(pairs.high)[0]
            let (_, gradient) = Loss.meanSquaredError(
                vgg.forward(generator.forward(pairs.low))[0], target, context: context)
            generator.backward(vgg.backward([gradient]))
            adam.step()
            _ = try trainer.step()
        }
        #expect(trainer.generator.store.tensors == generator.store.tensors)
    }

    /// A discriminator alone learns to distinguish photographs from the output of an untrained generator.
    @Test(arguments: ["patch", "dense", "unet"])
    func discriminatorLearns(_ kind: String) throws {
        let losses = ["patch": "lsgan", "dense": "bce", "unet": "relativistic"]
        var configuration = try RunConfiguration.tiny(
            .adversarial,
            sections: """
                loss = { adversarial_weight = 0, perceptual_weight = 0, adversarial = "\(losses[kind]!)" }
                optimizer = { learning_rate = 1e-3 }
                """)
        configuration.discriminator.kind = try #require(.init(rawValue: kind))
        let trainer = try Trainer(configuration, dataset: dataset(), context: context)
        var sums: [Double] = []
        for _ in 0..<40 {
            let step = try trainer.step()
            sums.append((step["l_d_real"] ?? 0) + (step["l_d_fake"] ?? 0))
        }
        // The relativistic loss has no fixed point at this learning rate: it is the least loss that counts.
        #expect(try #require(sums.min()) < 0.2 * sums[0])
    }

    /// While the discriminator is ahead, it learns alone.
    @Test func theDiscriminatorLearnsAheadOfTheGenerator() throws {
        var ahead = try RunConfiguration.tiny(
            .adversarial,
            sections: "loss = { pixel_weight = 1, perceptual_weight = 0, grid_weight = 1, frequency_weight = 1 }")
        ahead.discriminator.ahead = 2
        ahead.discriminator.kind = .unet
        let trainer = try Trainer(ahead, dataset: dataset(), context: context)
        let (generator, discriminator) = (trainer.generator.store.tensors, trainer.discriminator?.store.tensors)
        for step in 0..<2 {
            let losses = try trainer.step()
            #expect(Set(losses.keys) == ["l_d_real", "l_d_fake"], "step \(step)")
        }
        #expect(trainer.generator.store.gradientTensors.values.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
        #expect(trainer.discriminator?.store.tensors != discriminator)
        #expect(trainer.generator.store.tensors["conv3.weight"] == generator["conv3.weight"])
        let losses = try trainer.step()
        #expect(
            Set(losses.keys) == ["l_d_real", "l_d_fake", "l_g_pix", "l_g_grid", "l_g_freq", "l_g_gan"])
        #expect(trainer.generator.store.tensors["conv3.weight"] != generator["conv3.weight"])
    }

    @Test func stopsWhenItDiverges() throws {
        let trainer = try trainer(.pretrain, sections: "optimizer = { learning_rate = 1e30 }")
        let error = #expect(throws: TrainingError.self) {
            for _ in 0..<20 { _ = try trainer.step() }
        }
        #expect(error?.code == .diverged)
    }

    /// Statistics over many batches are close to those of all data; the running statistics only cover the last batch or two.
    @Test func modelHasStatisticsOfManyBatches() throws {
        let trainer = try trainer(.pretrain, sections: "report = { statistics_batches = 20 }")
        for _ in 0..<4 { _ = try trainer.step() }
        let before = trainer.generator.store.tensors
        let model = try trainer.model(training: "a test")
        #expect(trainer.generator.store.tensors == before)
        #expect(model.metadata.training == "a test" && model.metadata.blocks == 1)
        let name = "res_block.0.res_block.1.running_mean"
        #expect(model.tensors[name] != before[name])
        #expect(model.tensors["conv3.weight"] == before["conv3.weight"])
        _ = try ReferenceGenerator(model: model)
    }

    /// A run writes log, checkpoint and model to its folder, and can be stopped and resumed.
    @Test func runWritesItsFolder() throws {
        let folder = try TrainingFolder()
        let output = folder.path.appending("run")
        let sections = "report = { log_every = 2, checkpoint_every = 3, statistics_batches = 2 }"
        var asked = 0
        let stopped = try TrainingRun(trainer(.pretrain, sections: sections, output: output), resumes: false).run {
            asked += 1
            return asked > 4
        } report: { _ in
        }
        #expect(stopped == .stopped)
        #expect(throws: TrainingError.self) {
            try TrainingRun(trainer(.pretrain, sections: sections, output: output), resumes: false)
        }
        var seen: [Int] = []
        let resumed = try trainer(.pretrain, sections: sections, output: output)
        let run = try TrainingRun(resumed, resumes: true)
        #expect(resumed.iteration == 4)
        let ending = try run.run {
            false
        } report: {
            seen.append($0.iteration)
        }
        #expect(ending == .finished && seen == [6])
        let log = try String(contentsOfFile: output.appending("log.jsonl").string, encoding: .utf8)
        let lines = try log.split(separator: "\n").map {
            try JSONDecoder().decode([String: Double].self, from: Data($0.utf8))
        }
        #expect(lines.map { $0["iteration"] } == [2, 4, 6])
        #expect(lines.allSatisfy { $0["l_g_pix"] != nil && $0["learning_rate"] == 2e-4 })
        let model = try ModelFile(contentsOf: output.appending("model.safetensors"))
        _ = try ReferenceGenerator(model: model)
        #expect(throws: TrainingError.self) {
            try TrainingRun(trainer(.pretrain, output: folder.path.appending("other")), resumes: true)
        }
    }
}
