import Foundation
import LinuxSupport
import NeuralNetwork
import SRGAN
import SystemPackage

/// A whole training run. The run's folder holds the log and the curves, `checkpoint.safetensors`, `best.safetensors` if
/// configured and, at the end, `model.safetensors`.
public final class TrainingRun {
    /// The progress of a run since the last report, for display.
    public struct Progress: Sendable {
        /// The number of finished steps.
        public let iteration: Int
        /// The number of steps of the whole run.
        public let iterations: Int
        /// Steps per second since the last report.
        public let iterationsPerSecond: Double
        /// The mean losses since the last report.
        public let losses: [String: Double]
        /// The learning rate of the last step.
        public let learningRate: Double
        /// The share of the time since the last report that steps spent waiting for data.
        public let dataWait: Double

        /// Seconds until the last step at this speed, without validations.
        public var secondsLeft: Double { Double(iterations - iteration) / iterationsPerSecond }
    }

    /// How a run ended.
    public enum Ending: Sendable, Equatable {
        /// All iterations are done; the model is written.
        case finished
        /// A stop was requested; the checkpoint is written.
        case stopped
    }

    private let trainer: Trainer
    private let folder: FilePath
    private let record: RunRecord
    private let validation: Validation?
    private var best: (psnr: Double, iteration: Int)?

    private let checkpointPath: FilePath

    /// Prepares the run's folder.
    ///
    /// - Parameter resumes: Whether to continue from the folder's checkpoint.
    /// - Throws: `configuration`, if there is a checkpoint and `resumes` is false, or if there is no checkpoint and
    ///   `resumes` is true; `noImages` or `unusableImage`, if a validation folder cannot be used.
    public init(_ trainer: Trainer, resumes: Bool) throws(TrainingError) {
        self.trainer = trainer
        folder = trainer.configuration.output
        checkpointPath = folder.appending("checkpoint.safetensors")
        do {
            try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        } catch {
            throw TrainingError(.outputFailed, "\(folder) cannot be created: \(error)", cause: error)
        }
        let data = FileManager.default.contents(atPath: checkpointPath.string)
        switch (data, resumes) {
        case (let data?, true): try trainer.restore([UInt8](data), name: checkpointPath.string)
        case (nil, true): throw TrainingError(.configuration, "There is no \(checkpointPath) to resume.")
        case (_?, false):
            throw TrainingError(
                .configuration, "\(checkpointPath) already exists: resume that run, or name another output folder.")
        case (nil, false):
            // The run writes this file at its end, together with a checkpoint: this one is another program's.
            let model = folder.appending("model.safetensors")
            if FileManager.default.fileExists(atPath: model.string) {
                throw TrainingError(.configuration, "\(model) already exists: name another output folder.")
            }
        }
        validation = try trainer.configuration.validation.map { section throws(TrainingError) in
            try Validation(section, features: Self.features(trainer.configuration), context: trainer.context)
        }
        record = try RunRecord(in: folder, iteration: trainer.iteration)
        for line in record.lines {
            guard let psnr = RunMetrics.meanPSNR(line, sets: validation?.names ?? []), psnr > best?.psnr ?? -.infinity
            else { continue }
            best = (psnr, Int(line[RunLog.iterationKey] ?? 0))
        }
    }

    /// The VGG-19 of the run's perceptual loss, to measure validation images too.
    ///
    /// - Returns: nil for a run without this loss. A file that suffices for the loss may lack layers that the measure
    ///   needs (`vgg22` ends before them); the validation then leaves out this measure.
    private static func features(_ configuration: RunConfiguration) -> VGG19FeatureExtractor? {
        guard configuration.stage == .adversarial, configuration.loss.perceptualWeight > 0,
            let weights = configuration.perceptual.weights
        else { return nil }
        return try? VGG19FeatureExtractor(contentsOf: weights)
    }

    /// Trains until the last iteration, or until `shouldStop` returns true.
    ///
    /// - Parameters:
    ///   - shouldStop: Called between two steps. If it returns true, a checkpoint is saved and the run stops.
    ///   - report: Called every `log_every` iterations.
    ///   - validated: Called after each validation.
    public func run(
        shouldStop: () -> Bool, report: (Progress) -> Void, validated: (ValidationResult) -> Void = { _ in }
    ) throws(TrainingError) -> Ending {
        let configuration = trainer.configuration
        var sums: [String: Double] = [:]
        var steps = 0
        var (start, wait) = (ContinuousClock.now, trainer.dataWait)
        while trainer.iteration < configuration.iterations {
            if shouldStop() {
                try save()
                return .stopped
            }
            let rate = trainer.learningRate
            for (name, loss) in try trainer.step() { sums[name, default: 0] += loss }
            steps += 1
            let isLast = trainer.iteration == configuration.iterations
            if trainer.iteration % configuration.report.logEvery == 0 || isLast {
                let seconds = max((ContinuousClock.now - start) / .seconds(1), 1e-9)
                let progress = Progress(
                    iteration: trainer.iteration, iterations: configuration.iterations,
                    iterationsPerSecond: Double(steps) / seconds, losses: sums.mapValues { $0 / Double(steps) },
                    learningRate: rate, dataWait: (trainer.dataWait - wait) / .seconds(1) / seconds)
                try log(progress)
                report(progress)
                (sums, steps, start, wait) = ([:], 0, .now, trainer.dataWait)
            }
            if let every = configuration.validation?.every, trainer.iteration % every == 0 || isLast {
                let pause = ContinuousClock.now
                if let result = try validate() { validated(result) }
                // The speed does not include the validation's time.
                start += ContinuousClock.now - pause
            }
            if trainer.iteration % configuration.report.checkpointEvery == 0 { try save() }
        }
        try save()
        try AtomicFile.write(
            trainer.model(training: summary).encoded(), to: folder.appending("model.safetensors"))
        return .finished
    }

    /// Measures the model that the run would write if it finished at this iteration.
    private func validate() throws(TrainingError) -> ValidationResult? {
        guard let validation else { return nil }
        let model = try trainer.model(training: summary)
        let (scores, samples) = try validation.measure(model)
        let fields = RunMetrics.fields(scores)
        let psnr = RunMetrics.meanPSNR(fields, sets: validation.names) ?? -.infinity
        if psnr > best?.psnr ?? -.infinity {
            best = (psnr, trainer.iteration)
            if trainer.configuration.validation?.keepBest == true {
                try AtomicFile.write(model.encoded(), to: folder.appending("best.safetensors"))
            }
        }
        try record.append(iteration: trainer.iteration, fields)
        if let samples { try record.append(iteration: trainer.iteration, samples) }
        return ValidationResult(
            iteration: trainer.iteration, sets: scores, bestPSNR: best?.psnr ?? psnr,
            bestIteration: best?.iteration ?? trainer.iteration)
    }

    private var summary: String {
        let configuration = trainer.configuration
        return "srgan train, stage \(configuration.stage.rawValue), \(trainer.iteration) iterations of "
            + "\(configuration.data.batch) crops of \(configuration.data.crop) pixels, "
            + "\(trainer.dataset.count) images, seed \(configuration.seed)"
    }

    private func save() throws(TrainingError) {
        try AtomicFile.write(trainer.checkpoint(), to: checkpointPath)
    }

    private func log(_ progress: Progress) throws(TrainingError) {
        var fields = progress.losses
        fields[RunMetrics.speed] = progress.iterationsPerSecond
        fields[RunMetrics.learningRate] = progress.learningRate
        fields[RunMetrics.dataWait] = progress.dataWait
        try record.append(iteration: progress.iteration, fields)
    }
}
