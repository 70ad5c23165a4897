import SystemPackage
import TOMLKit

/// What `srgan train` is asked to do: the content of its TOML file. Unknown keys are errors; relative paths start at the
/// file's folder.
public struct RunConfiguration: Sendable, Equatable {
    /// The two stages of SRGAN's training.
    public enum Stage: String, Sendable, Decodable {
        /// On a pixel loss alone: the result is SRResNet.
        case pretrain
        /// Generator against discriminator: the result is SRGAN.
        case adversarial
    }

    /// What is trained.
    public var stage: Stage
    /// The folder that log, checkpoint and model go to.
    public var output: FilePath
    /// Determines initial weights and the order of the data.
    public var seed: UInt64
    /// How many steps are taken.
    public var iterations: Int
    /// Where the crops come from.
    public var data: DataSection
    /// A finished generator whose output is part of the target, of the first stage only.
    public var teacher: TeacherSection?
    /// The generator's shape.
    public var generator: GeneratorSection
    /// The adversary, of the adversarial stage only.
    public var discriminator: DiscriminatorSection
    /// The content loss' network.
    public var perceptual: PerceptualSection
    /// What the loss sums up.
    public var loss: LossSection
    /// Adam's numbers.
    public var optimizer: OptimizerSection
    /// When what is written.
    public var report: ReportSection

    /// Reads the text of a configuration.
    ///
    /// - Parameters:
    ///   - text: TOML.
    ///   - folder: Where relative paths start.
    /// - Throws: `configuration`, naming the key.
    public init(toml text: String, folder: FilePath) throws(TrainingError) {
        let root: Root
        do {
            root = try TOMLDecoder(strictDecoding: true).decode(Root.self, from: text)
        } catch let error as UnexpectedKeysError {
            let names = error.keys.values.map { $0.map(\.stringValue).joined(separator: ".") }.sorted()
            throw TrainingError(.configuration, "There is no setting \(names.joined(separator: ", ")).", cause: error)
        } catch let error as DecodingError {
            throw TrainingError(.configuration, Self.sentence(error), cause: error)
        } catch {
            throw TrainingError(.configuration, "The configuration is no TOML: \(error)", cause: error)
        }
        func resolved(_ path: String) -> FilePath { folder.pushing(FilePath(path)).lexicallyNormalized() }
        stage = root.stage
        output = resolved(root.output)
        seed = UInt64(bitPattern: Int64(root.seed))
        iterations = root.iterations
        data = root.data
        data.folders = data.folders.map { resolved($0.string) }
        teacher = root.teacher
        teacher?.model = resolved(root.teacher?.model.string ?? "")
        generator = root.generator ?? GeneratorSection()
        generator.initial = generator.initial.map { resolved($0.string) }
        discriminator = root.discriminator ?? DiscriminatorSection()
        perceptual = root.perceptual ?? PerceptualSection()
        perceptual.weights = perceptual.weights.map { resolved($0.string) }
        loss = root.loss ?? LossSection()
        optimizer = root.optimizer ?? OptimizerSection()
        report = root.report ?? ReportSection()
        // The pixel term is all there is in the first stage, and off by default in the second.
        if loss.pixelWeight == nil { loss.pixelWeight = stage == .pretrain ? 1 : 0 }
        try check()
    }

    private func check() throws(TrainingError) {
        func demand(_ holds: Bool, _ sentence: String) throws(TrainingError) {
            guard holds else { throw TrainingError(.configuration, sentence) }
        }
        try demand(iterations > 0, "iterations must be positive.")
        try demand(!data.folders.isEmpty, "data.folders names no folder.")
        try demand(data.crop >= 16 && data.crop % 4 == 0, "data.crop must be a multiple of 4 and at least 16.")
        try demand((1...1024).contains(data.batch), "data.batch must be from 1 to 1024.")
        try demand((1...256).contains(generator.blocks), "generator.blocks must be from 1 to 256.")
        try demand((1...1024).contains(generator.channels), "generator.channels must be from 1 to 1024.")
        try demand((1...512).contains(discriminator.channels), "discriminator.channels must be from 1 to 512.")
        try demand(optimizer.learningRate > 0, "optimizer.learning_rate must be positive.")
        try demand(
            (0..<1).contains(optimizer.beta1) && (0..<1).contains(optimizer.beta2),
            "optimizer.beta1 and beta2 must be at least 0 and below 1.")
        try demand((0..<1).contains(optimizer.average), "optimizer.average must be at least 0 and below 1.")
        try demand(optimizer.clipNorm >= 0, "optimizer.clip_norm must not be negative.")
        try demand(teacher.map { (0...1).contains($0.share) } ?? true, "teacher.share must be from 0 to 1.")
        try demand(
            generator.start == .random
                || !generator.trunkNorm && !generator.upsamplingNorm && generator.channels >= 6,
            "generator.start = \"interpolator\" needs at least 6 channels and no batch normalisation.")
        try demand(optimizer.stepEvery > 0, "optimizer.step_every must be positive.")
        try demand(report.logEvery > 0 && report.checkpointEvery > 0, "The intervals of [report] must be positive.")
        if stage == .adversarial {
            try demand(teacher == nil, "A teacher is for the stage pretrain: a discriminator needs photographs.")
            try demand(
                data.crop % 16 == 0, "data.crop must be a multiple of 16 in the adversarial stage.")
            try demand(
                perceptual.weights != nil || loss.perceptualWeight == 0,
                "perceptual.weights names no file of VGG-19's weights, and loss.perceptual_weight is not 0.")
        } else {
            try demand(loss.pixelWeight! > 0, "loss.pixel_weight must be positive in the stage pretrain.")
        }
    }

    private static func sentence(_ error: DecodingError) -> String {
        func name(_ path: [any CodingKey], _ last: (any CodingKey)? = nil) -> String {
            (path + (last.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): return "The setting \(name(context.codingPath, key)) is missing."
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return
                "The setting \(name(context.codingPath)) has a value that it cannot have: \(context.debugDescription)."
        @unknown default: return "The configuration cannot be read: \(error)."
        }
    }

    private struct Root: Decodable {
        var stage: Stage
        var output: String
        var seed: Int
        var iterations: Int
        var data: DataSection
        var teacher: TeacherSection?
        var generator: GeneratorSection?
        var discriminator: DiscriminatorSection?
        var perceptual: PerceptualSection?
        var loss: LossSection?
        var optimizer: OptimizerSection?
        var report: ReportSection?
    }
}
