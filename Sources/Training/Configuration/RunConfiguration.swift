import ConfigurationFile
import SystemPackage

/// The configuration of a training run: the content of the TOML file of `srgan train`. Unknown keys are errors. Paths
/// are relative to the file's folder.
public struct RunConfiguration: Sendable, Equatable {
    /// The two stages of SRGAN's training.
    public enum Stage: String, Sendable, CaseIterable {
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
    /// Low-resolution images with their targets.
    public var pairs: PairsSection?
    /// A trained generator whose output is part of the target; without `pairs` in the stage `pretrain` only.
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
    ///   - file: The file's name in the mistakes.
    /// - Throws: `configuration` with every mistake, one a line: its file, line and key, and what is allowed.
    public init(toml text: String, folder: FilePath, file: String = "configuration") throws(TrainingError) {
        let top: ConfigurationTable
        do {
            top = try ConfigurationTable(text: text, file: file)
        } catch {
            throw TrainingError(mistakes: error.mistakes)
        }
        if !top.has("stage") { top.add("stage", "is missing; write stage = \"pretrain\" or \"adversarial\".") }
        stage = top.choice("stage", Stage.self) ?? .pretrain
        output = top.requiredPath("output", example: "../runs/mine", base: folder) ?? folder
        seed = UInt64(
            bitPattern: Int64(top.requiredInteger("seed", in: Int.min...Int.max, example: 1) ?? 0))
        iterations = top.requiredInteger("iterations", in: 1...1_000_000_000, example: 10_000) ?? 1
        let pairs = top.table("pairs")
        self.pairs = pairs.exists ? PairsSection(pairs, base: folder) : nil
        data = DataSection(top.table("data"), base: folder, hasPairs: pairs.exists)
        let (teacher, degradation) = (top.table("teacher"), top.table("degradation"))
        self.teacher = teacher.exists ? TeacherSection(teacher, base: folder) : nil
        self.degradation = degradation.exists ? DegradationSection(degradation) : nil
        generator = GeneratorSection(top.table("generator"), base: folder)
        discriminator = DiscriminatorSection(top.table("discriminator"))
        perceptual = PerceptualSection(top.table("perceptual"), base: folder)
        loss = LossSection(top.table("loss"))
        // The pixel loss is necessary in the stage `pretrain`, and is off by default in the stage `adversarial`.
        if loss.pixelWeight == nil { loss.pixelWeight = stage == .pretrain ? 1 : 0 }
        optimizer = OptimizerSection(top.table("optimizer"))
        report = ReportSection(top.table("report"))
        let validation = top.table("validation")
        self.validation = validation.exists ? ValidationSection(validation, base: folder) : nil
        top.finish()
        checkCombinations(top.mistakes)
        guard top.mistakes.all.isEmpty else { throw TrainingError(mistakes: top.mistakes.sorted) }
    }

    /// Adds a mistake for each setting that does not fit another one.
    private func checkCombinations(_ mistakes: ConfigurationMistakes) {
        let makesPairs = (teacher?.pairs ?? 0) > 0
        if teacher != nil, degradation != nil, !makesPairs {
            mistakes.add("teacher", "can be combined with [degradation] only if teacher.pairs is set.")
        }
        if makesPairs, pairs != nil {
            mistakes.add(
                "pairs", "cannot be combined with teacher.pairs; add that folder to pairs.inputs and pairs.targets.")
        }
        if let side = teacher?.side, makesPairs, side < data.crop {
            mistakes.add("teacher.side", "must be at least data.crop, \(data.crop), but is \(side).")
        }
        switch stage {
        case .pretrain:
            if loss.pixelWeight == 0 { mistakes.add("loss.pixel_weight", "must be above 0 in the stage pretrain.") }
        case .adversarial:
            if teacher != nil, !makesPairs {
                mistakes.add(
                    "teacher",
                    "is only for the stage pretrain, unless teacher.pairs is set: a discriminator needs sharp targets.")
            }
            if !data.crop.isMultiple(of: 16) {
                mistakes.add("data.crop", "must be a multiple of 16 in the stage adversarial, but is \(data.crop).")
            }
            if perceptual.weights == nil, loss.perceptualWeight > 0 {
                mistakes.add(
                    "perceptual.weights", "must name a file of VGG-19's weights, unless loss.perceptual_weight is 0.")
            }
        }
    }
}

extension TrainingError {
    /// The error that contains every mistake of a configuration, one a line.
    fileprivate init(mistakes: [ConfigurationMistake]) {
        self.init(.configuration, mistakes.map(\.description).joined(separator: "\n"))
    }
}

extension ConfigurationTable {
    /// Reads a list of paths; empty if the key is missing.
    ///
    /// - required: true to add a mistake if the list is missing or empty.
    func paths(_ key: String, base: FilePath, required: Bool) -> [FilePath] {
        let paths = strings(key)
        if required, paths?.isEmpty ?? !has(key) {
            add(key, "must name at least one folder; write for example \(key) = [\"../photos\"].")
        }
        return (paths ?? []).compactMap { path($0, of: key, base: base) }
    }
}
