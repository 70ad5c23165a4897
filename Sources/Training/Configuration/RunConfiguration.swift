import LinuxSupport
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
    /// What besides the reduction the small images suffer.
    public var degradation: DegradationSection?
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
    /// What the course of the run is judged by.
    public var validation: ValidationSection?

    /// Reads the text of a configuration.
    ///
    /// - Parameters:
    ///   - text: TOML.
    ///   - folder: Where relative paths start.
    /// - Throws: `configuration`, naming the key.
    public init(toml text: String, folder: FilePath) throws(TrainingError) {
        if let line = TOMLGuard.lineOfMistake(in: text) {
            throw TrainingError(
                .configuration,
                "The configuration is no TOML: line \(line) has a character or a bracket where none can stand.")
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
        // The pixel term is all there is in the first stage, and off by default in the second.
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
