import Foundation
import SystemPackage
import Testing

@testable import Training

struct RunConfigurationTests {
    private func error(_ toml: String) -> TrainingError? {
        #expect(throws: TrainingError.self) { try RunConfiguration(toml: toml, folder: "/") }
    }

    private let start = "stage = \"pretrain\"\noutput = \"out\"\nseed = 1\niterations = 10\n"

    @Test func defaultsAreTheWriteUps() throws {
        let configuration = try RunConfiguration(
            toml: start + "data = { folders = [\"photos\", \"/other\"] }", folder: "/home/user")
        #expect(configuration.output == "/home/user/out")
        #expect(configuration.data.folders == ["/home/user/photos", "/other"])
        #expect(configuration.data.crop == 96 && configuration.data.batch == 16 && configuration.data.augment)
        #expect(configuration.generator.blocks == 16 && configuration.generator.upsamplingNorm)
        #expect(configuration.optimizer.learningRate == 2e-4 && configuration.optimizer.beta1 == 0.5)
        #expect(configuration.loss.pixelWeight == 1 && configuration.loss.adversarialWeight == 1e-3)
        #expect(configuration.discriminator.kind == .patch && configuration.loss.adversarial == .lsgan)
    }

    @Test func mistakesAreNamed() throws {
        #expect(try #require(error(start)).message.contains("data"))
        let data = start + "[data]\nfolders = [\"photos\"]\n"
        #expect(try #require(error(data + "crops = 3\n")).message.contains("data.crops"))
        #expect(try #require(error(data + "crop = 30\n")).message.contains("data.crop"))
        #expect(try #require(error(data + "batch = \"many\"\n")).message.contains("batch"))
        #expect(try #require(error(data + "[loss]\npixel = \"l3\"\n")).message.contains("pixel"))
        let adversarial = data.replacingOccurrences(of: "pretrain", with: "adversarial")
        #expect(try #require(error(adversarial)).message.contains("perceptual.weights"))
    }

    /// The examples are read as they are shipped.
    @Test(arguments: ["write-up-pretrain", "write-up", "paper-pretrain", "paper", "small"])
    func examplesAreValid(_ name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("examples/\(name).toml"), encoding: .utf8)
        let configuration = try RunConfiguration(toml: text, folder: "/srv")
        #expect(configuration.stage == (name == "write-up" || name == "paper" ? .adversarial : .pretrain))
        #expect(configuration.generator.upsamplingNorm == name.hasPrefix("write-up"))
    }

    @Test func schedules() {
        let constant = LearningRateSchedule(kind: .constant, base: 1, iterations: 100, warmup: 4)
        #expect([0, 1, 3, 4, 99].map(constant.rate) == [0.25, 0.5, 1, 1, 1])
        let step = LearningRateSchedule(kind: .step, base: 1, iterations: 100, stepEvery: 30, stepFactor: 0.5)
        #expect([0, 29, 30, 60, 99].map(step.rate) == [1, 1, 0.5, 0.25, 0.125])
        let cosine = LearningRateSchedule(kind: .cosine, base: 2, iterations: 110, warmup: 10)
        #expect(cosine.rate(at: 10) == 2)
        #expect(abs(cosine.rate(at: 60) - 1) < 1e-12)
        #expect(abs(cosine.rate(at: 110)) < 1e-12)
    }
}
