import Foundation
import SystemPackage
import Testing

@testable import Training

struct RunConfigurationTests {
    private func error(_ toml: String) -> TrainingError? {
        #expect(throws: TrainingError.self) { try RunConfiguration(toml: toml, folder: "/") }
    }

    private let start = "stage = \"pretrain\"\noutput = \"out\"\nseed = 1\niterations = 10\n"

    @Test func defaultsAreThoseOfTheReferenceImplementation() throws {
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
        #expect(try #require(error(data + "[degradation]\njpeg = 1.5\n")).message.contains("degradation.jpeg"))
        #expect(
            try #require(error(data + "[degradation]\njpeg_quality = [95, 30]\n")).message.contains("jpeg_quality"))
        #expect(try #require(error(data + "[degradation]\nblur_sigma = [0.1, 40]\n")).message.contains("blur_sigma"))
        #expect(try #require(error(data + "[degradation]\nkernels = [\"box\"]\n")).message.contains("kernels"))
        #expect(
            try #require(error(data + "[teacher]\nmodel = \"t\"\n[degradation]\njpeg = 1\n")).message
                .contains("exclude each other"))
        #expect(
            try #require(error(data + "[teacher]\nmodel = \"t\"\nsymmetries = 3\n")).message.contains("symmetries"))
        #expect(try #require(error(data + "[validation]\nevery = 5\n")).message.contains("validation.folders"))
        #expect(
            try #require(error(data + "[validation]\nfolders = [\"a/HR\", \"b/HR\"]\n")).message
                .contains("same name"))
        #expect(
            try #require(error(data + "[validation]\nfolders = [\"a\", \"b\"]\nlr = [\"c\"]\n")).message
                .contains("validation.lr"))
        #expect(try #require(error(data + "[optimizer]\nclip_norm = -1\n")).message.contains("clip_norm"))
        #expect(try #require(error(data + "[generator]\nstart = \"interpolator\"\n")).message.contains("interpolator"))
        let adversarial = data.replacingOccurrences(of: "pretrain", with: "adversarial")
        #expect(try #require(error(adversarial)).message.contains("perceptual.weights"))
    }

    @Test func rangesAndDefaultsOfSections() throws {
        let configuration = try RunConfiguration(
            toml: start + """
                data = { folders = ["photos"] }
                degradation = { blur_sigma = [0.5, 2], jpeg_quality = [40, 60], jpeg = 1, kernels = ["area"] }
                validation = { folders = ["Set5", "/sets/Set14"] }
                """, folder: "/home/user")
        let degradation = try #require(configuration.degradation)
        #expect(degradation.blurSigma == 0.5...2 && degradation.jpegQuality == 40...60 && degradation.jpeg == 1)
        #expect(degradation.kernels == [.area] && degradation.noiseSigma == 1...8)
        let validation = try #require(configuration.validation)
        #expect(validation.folders == ["/home/user/Set5", "/sets/Set14"])
        #expect(validation.every == 1000 && validation.samples == 3 && !validation.keepBest && validation.lr.isEmpty)
    }

    /// The shipped examples are valid.
    @Test(arguments: [
        "pytorch-gan-pretrain", "pytorch-gan", "paper-pretrain", "paper", "small", "srresnet", "srresnet-finish",
        "srresnet-polish", "srgan", "photo", "photo-finish",
    ])
    func examplesAreValid(_ name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("examples/\(name).toml"), encoding: .utf8)
        let configuration = try RunConfiguration(toml: text, folder: "/srv")
        let isAdversarial = ["pytorch-gan", "paper", "srgan", "photo-finish"].contains(name)
        #expect(configuration.stage == (isAdversarial ? .adversarial : .pretrain))
        #expect(configuration.generator.upsamplingNorm == name.hasPrefix("pytorch-gan"))
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
