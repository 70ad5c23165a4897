import LinuxSupport
import SystemPackage
import TOMLKit

/// The configuration of a training run: the content of the TOML file of `srgan train`. Unknown keys are errors. Paths
/// are relative to the file's folder.
public struct RunConfiguration: Sendable, Equatable {
    /// The two stages of SRGAN's training.
    public enum Stage: String, Sendable, Decodable {
        /// The generator is trained alone, with a pixel loss; the result is SRResNet.
        case pretrain
        /// Generator and discriminator are trained together; the result is SRGAN.
        case adversarial
    }

    /// The training stage.
    public var stage: Stage
    /// The run's folder, for log, checkpoint and model.
    public var output: FilePath
    /// The seed of the initial weights and of the random choice of training data.
    public var seed: UInt64
    /// The number of steps.
    public var iterations: Int
    /// The training data.
    public var data: DataSection
    /// A trained generator whose output is part of the target; stage `pretrain` only.
    public var teacher: TeacherSection?
    /// Degradations of the low-resolution images besides downsampling.
    public var degradation: DegradationSection?
    /// The generator's shape and initial weights.
    public var generator: GeneratorSection
    /// The discriminator; stage `adversarial` only.
    public var discriminator: DiscriminatorSection
    /// The VGG-19 network of the perceptual loss.
    public var perceptual: PerceptualSection
    /// The terms of the loss and their weights.
    public var loss: LossSection
    /// The settings of the optimiser, Adam.
    public var optimizer: OptimizerSection
    /// Reporting intervals.
    public var report: ReportSection
    /// The images on which the run's progress is measured.
    public var validation: ValidationSection?

    /// Reads the text of a configuration.
    ///
    /// - Parameters:
    ///   - text: The configuration in TOML.
    ///   - folder: The base folder of relative paths.
    /// - Throws: `configuration`, naming the key.
    public init(toml text: String, folder: FilePath) throws(TrainingError) {
        if let line = TOMLGuard.lineOfMistake(in: text) {
            throw TrainingError(
                .configuration,
                "The configuration is not valid TOML: line \(line) has an unexpected character or bracket.")
        }
        let root: Root
        do {
            root = try TOMLDecoder(strictDecoding: true).decode(Root.self, from: text)
        } catch let error as UnexpectedKeysError {
            let names = error.keys.values.map { $0.map(\.stringValue).joined(separator: ".") }.sorted()
            throw TrainingError(.configuration, "There is no setting \(names.joined(separator: ", ")).", cause: error)
        } catch let error as DecodingError {
            throw TrainingError(.configuration, Self.sentence(error), cause: error)
        } catch {
            throw TrainingError(.configuration, "The configuration is not valid TOML: \(error)", cause: error)
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
        degradation = root.degradation
        generator = root.generator ?? GeneratorSection()
        generator.initial = generator.initial.map { resolved($0.string) }
        discriminator = root.discriminator ?? DiscriminatorSection()
        perceptual = root.perceptual ?? PerceptualSection()
        perceptual.weights = perceptual.weights.map { resolved($0.string) }
        loss = root.loss ?? LossSection()
        optimizer = root.optimizer ?? OptimizerSection()
        report = root.report ?? ReportSection()
        validation = root.validation
        validation?.folders = (root.validation?.folders ?? []).map { resolved($0.string) }
        validation?.lr = (root.validation?.lr ?? []).map { resolved($0.string) }
        // The pixel loss is necessary in the stage `pretrain`, and is off by default in the stage `adversarial`.
        if loss.pixelWeight == nil { loss.pixelWeight = stage == .pretrain ? 1 : 0 }
        try check()
    }

    private static func sentence(_ error: DecodingError) -> String {
        func name(_ path: [any CodingKey], _ last: (any CodingKey)? = nil) -> String {
            (path + (last.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): return "The setting \(name(context.codingPath, key)) is missing."
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return
                "The setting \(name(context.codingPath)) has an invalid value: \(context.debugDescription)."
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
        var degradation: DegradationSection?
        var generator: GeneratorSection?
        var discriminator: DiscriminatorSection?
        var perceptual: PerceptualSection?
        var loss: LossSection?
        var optimizer: OptimizerSection?
        var report: ReportSection?
        var validation: ValidationSection?
    }
}
