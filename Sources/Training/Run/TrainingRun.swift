import Foundation
import NeuralNetwork
import SRGAN
import SystemPackage

/// A whole run in a folder: `log.jsonl`, `checkpoint.safetensors` and, at the end, `model.safetensors`.
public final class TrainingRun {
    /// What a caller shows while a run goes on.
    public struct Progress: Sendable {
        /// Steps taken so far.
        public let iteration: Int
        /// Steps of the whole run.
        public let iterations: Int
        /// Steps a second since the last report.
        public let iterationsPerSecond: Double
        /// The means of the losses since the last report.
        public let losses: [String: Double]
        /// The learning rate of the last step.
        public let learningRate: Double
    }

    /// How a run ended.
    public enum Ending: Sendable, Equatable {
        /// All iterations are done; the model is written.
        case finished
        /// It was asked to stop; the checkpoint is written.
        case stopped
    }

    private let trainer: Trainer
    private let folder: FilePath

    private var checkpointPath: FilePath { folder.appending("checkpoint.safetensors") }

    /// Prepares the run's folder.
    ///
    /// - Parameter resumes: Whether to go on from the folder's checkpoint.
    /// - Throws: `configuration`, where there is a checkpoint and `resumes` is false, or none and it is true.
    public init(_ trainer: Trainer, resumes: Bool) throws(TrainingError) {
        self.trainer = trainer
        folder = trainer.configuration.output
        do {
            try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        } catch {
            throw TrainingError(.outputFailed, "\(folder) cannot be made: \(error)", cause: error)
        }
        let data = FileManager.default.contents(atPath: checkpointPath.string)
        switch (data, resumes) {
        case (let data?, true): try trainer.restore([UInt8](data), name: checkpointPath.string)
        case (nil, true): throw TrainingError(.configuration, "There is no \(checkpointPath) to resume.")
        case (_?, false):
            throw TrainingError(
                .configuration, "\(checkpointPath) is there already: resume that run, or name another output.")
        case (nil, false): break
        }
    }

    /// Trains until the last iteration, or until `shouldStop` says so; that is asked between two steps.
    ///
    /// - Parameters:
    ///   - shouldStop: Whether to save and return.
    ///   - report: Called every `log_every` iterations.
    public func run(
        shouldStop: () -> Bool, report: (Progress) -> Void
    ) throws(TrainingError) -> Ending {
        let configuration = trainer.configuration
        var sums: [String: Double] = [:]
        var steps = 0
        var start = ContinuousClock.now
        while trainer.iteration < configuration.iterations {
            if shouldStop() {
                try save()
                return .stopped
            }
            let rate = trainer.learningRate
            for (name, loss) in try trainer.step() { sums[name, default: 0] += loss }
            steps += 1
            if trainer.iteration % configuration.report.logEvery == 0 || trainer.iteration == configuration.iterations {
                let elapsed = ContinuousClock.now - start
                let seconds =
                    Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
                let progress = Progress(
                    iteration: trainer.iteration, iterations: configuration.iterations,
                    iterationsPerSecond: Double(steps) / max(seconds, 1e-9),
                    losses: sums.mapValues { $0 / Double(steps) }, learningRate: rate)
                try log(progress)
                report(progress)
                (sums, steps, start) = ([:], 0, .now)
            }
            if trainer.iteration % configuration.report.checkpointEvery == 0 { try save() }
        }
        try save()
        let model = trainer.model(training: summary)
        try AtomicFile.write(model.encoded(), to: folder.appending("model.safetensors"))
        return .finished
    }

    private var summary: String {
        let configuration = trainer.configuration
        return "srgan train, stage \(configuration.stage.rawValue), \(trainer.iteration) iterations of "
            + "\(configuration.data.batch) crops of \(configuration.data.crop) pixels, "
            + "\(trainer.dataset.count) pictures, seed \(configuration.seed)"
    }

    private func save() throws(TrainingError) {
        try AtomicFile.write(trainer.checkpoint(), to: checkpointPath)
    }

    private func log(_ progress: Progress) throws(TrainingError) {
        var fields: [String: Double] = progress.losses
        fields["iteration"] = Double(progress.iteration)
        fields["iterations_per_second"] = progress.iterationsPerSecond
        fields["learning_rate"] = progress.learningRate
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        do {
            let line = try encoder.encode(fields) + [UInt8(ascii: "\n")]
            let file = try FileDescriptor.open(
                folder.appending("log.jsonl"), .writeOnly, options: [.create, .append],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            _ = try file.closeAfter { try file.writeAll(line) }
        } catch {
            throw TrainingError(.outputFailed, "\(folder)/log.jsonl cannot be written: \(error)", cause: error)
        }
    }
}
