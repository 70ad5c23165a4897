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
                .contains("only if teacher.pairs is set"))
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
        let features = adversarial + "[perceptual]\nweights = \"v\"\n"
        #expect(try #require(error(features + "layers = { conv9_9 = 1 }\n")).message.contains("conv9_9"))
        #expect(try #require(error(features + "layers = { conv3_4 = 0 }\n")).message.contains("above 0"))
        #expect(
            try #require(error(features + "depth = \"vgg54\"\nlayers = { conv3_4 = 1 }\n")).message
                .contains("cannot be combined"))
        #expect(try #require(error(start + "[pairs]\ninputs = [\"a\"]\n")).message.contains("pairs.targets"))
        #expect(
            try #require(error(start + "[pairs]\ninputs = [\"a\", \"b\"]\ntargets = [\"c\"]\n")).message
                .contains("one folder for each"))
    }

    @Test func severalLayersOfThePerceptualNetwork() throws {
        let adversarial = start.replacingOccurrences(of: "pretrain", with: "adversarial")
        let configuration = try RunConfiguration(
            toml: adversarial + """
                [data]
                folders = ["photos"]
                [discriminator]
                kind = "unet"
                learning_rate = 1e-4
                ahead = 100
                [perceptual]
                weights = "vgg.safetensors"
                distance = "l1"
                [perceptual.layers]
                conv1_2 = 0.3
                conv3_4 = 0.7
                """, folder: "/")
        #expect(configuration.perceptual.layers == [.conv12: 0.3, .conv34: 0.7])
        #expect(configuration.perceptual.distance == .l1)
        #expect(configuration.discriminator.learningRate == 1e-4 && configuration.discriminator.ahead == 100)
    }

    @Test(arguments: ["~/photos", "$HOME/photos"]) func pathsAreNotExpanded(_ path: String) throws {
        let text = """
            stage = "adversarial"
            output = "\(path)"
            iterations = 1
            [data]
            folders = ["\(path)"]
            [generator]
            initial = "\(path)"
            [perceptual]
            weights = "\(path)"
            [teacher]
            model = "\(path)"
            [validation]
            folders = ["\(path)"]
            lr = ["\(path)"]
            """
        let message = try #require(error(text)).message
        for key in [
            "output", "data.folders", "generator.initial", "perceptual.weights", "teacher.model", "validation.folders",
            "validation.lr",
        ] {
            #expect(message.contains("\(key): is \"\(path)\", but ~ and $ are not replaced here"), "\(key): \(message)")
        }
    }

    /// As in the daemon's configuration: one run reports every mistake with its line and the allowed values.
    @Test func everyMistakeIsReportedWithItsLine() throws {
        let text = """
            stage = "pretain"
            output = "out"
            iterations = 0
            [data]
            folders = []
            crop = 30
            [loss]
            pixel = "l3"
            perceptual_weight = nan
            [optimizer]
            learning_rate = 0
            beta1 = 1
            schedual = "cosine"
            [degradation]
            blur_sigma = [0, 2]
            kernels = ["bicubic", "lanczos"]
            """
        let error = try #require(throws: TrainingError.self) {
            try RunConfiguration(toml: text, folder: "/", file: "run.toml")
        }
        #expect(
            error.message == """
                run.toml: seed: is missing; write for example seed = 1.
                run.toml:1: stage: must be "pretrain" or "adversarial", but is "pretain".
                run.toml:3: iterations: must be from 1 to 1000000000, but is 0.
                run.toml:5: data.folders: must name at least one folder; write for example folders = ["../photos"].
                run.toml:6: data.crop: must be a multiple of 4, but is 30.
                run.toml:8: loss.pixel: must be "mse", "l1" or "psnr", but is "l3".
                run.toml:9: loss.perceptual_weight: must be a number of at least 0, but is nan.
                run.toml:11: optimizer.learning_rate: must be a number above 0, but is 0.0.
                run.toml:12: optimizer.beta1: must be a number of at least 0 and below 1, but is 1.0.
                run.toml:13: optimizer.schedual: is not a known key; known here: average, beta1, beta2, clip_norm, \
                learning_rate, schedule, step_every, step_factor, warmup.
                run.toml:15: degradation.blur_sigma: must be two numbers above 0 and at most 4, the smaller one first.
                run.toml:16: degradation.kernels: must contain only "bicubic", "area" or "bilinear", but has "lanczos".
                """)
    }

    @Test func brokenTOMLIsReportedWithItsLine() throws {
        for text in [start + "[data\n", start + "data = \n"] {
            #expect(try #require(error(text)).message.hasPrefix("configuration:5: is not valid TOML: "))
        }
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

    private static let examples = [
        "reference-pretrain", "reference", "paper-pretrain", "paper", "small", "srresnet", "srresnet-finish",
        "srresnet-polish", "srgan", "photo", "photo-finish",
    ]
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(ofExample name: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent("examples/\(name).toml"), encoding: .utf8)
    }

    /// Each file that an example needs ships with the program, or is the result of another example, or the example says
    /// where to get it.
    @Test(arguments: examples)
    func everyFileOfAnExampleHasASource(_ name: String) throws {
        let folder = FilePath(Self.root.path).appending("examples")
        let text = try Self.text(ofExample: name)
        let configuration = try RunConfiguration(toml: text, folder: folder)
        let comments = text.split(separator: "\n").prefix { $0.hasPrefix("#") }.joined(separator: "\n")
        #expect(configuration.data.folders == [folder.pushing("../photos").lexicallyNormalized()])
        #expect(comments.contains("# Photographs: your own in ../photos") && comments.contains("DIV2K_train_HR.zip"))
        let results = try Self.examples.map {
            try RunConfiguration(toml: Self.text(ofExample: $0), folder: folder).output.appending("model.safetensors")
        }
        for file in [configuration.generator.initial, configuration.teacher?.model].compactMap(\.self) {
            #expect(results.contains(file) || FileManager.default.fileExists(atPath: file.string), "\(file)")
        }
        if let weights = configuration.perceptual.weights {
            #expect(comments.contains("# VGG-19: torchvision's weights, https://"))
            #expect(comments.contains("../models/\(weights.lastComponent!.string)"))
        }
        #expect(configuration.validation == nil)
    }

    /// The shipped examples are valid.
    @Test(arguments: examples)
    func examplesAreValid(_ name: String) throws {
        let text = try Self.text(ofExample: name)
        let configuration = try RunConfiguration(toml: text, folder: "/srv")
        let isAdversarial = ["reference", "paper", "srgan", "photo-finish"].contains(name)
        #expect(configuration.stage == (isAdversarial ? .adversarial : .pretrain))
        #expect(configuration.generator.upsamplingNorm == name.hasPrefix("reference"))
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
