import FaultInjection
import Foundation
import JobQueue
import LinuxSupport
import QueueControl
import ServiceConfiguration
import SystemPackage
import WorkerProtocol

/// Makes the output of one claimed job: copies the output of an equal job, or runs a worker on the private copy of the
/// original. Blocks; runs on a worker slot's thread. The `JobFinisher` records how the attempt ended.
struct JobRunner: Sendable {
    let settings: LiveSettings
    let intake: Intake
    let models: ModelCatalog
    let reuse: OutputReuse
    let dispatcher: Dispatcher
    let observer: WorkerObserver
    /// The worker program.
    let program: FilePath
    /// The worker's environment variables.
    let environment: [String: String]

    /// Works on a job until it has an output, fails or is interrupted. Only the outcome `produced` leaves a temporary
    /// file.
    ///
    /// - Throws: `JobStoreError` from the queue, `FileError` after a failed fsync.
    func run(_ job: Job, claim: Claim, heartbeat: Heartbeat) throws -> AttemptOutcome {
        do {
            if let output = try reuse.output(for: job) { return .produced(output) }
            guard let input = try openInput(of: job) else {
                return .failed(
                    .vanished, "The private copy is lost, and the original is gone or has changed.", nil)
            }
            defer { try? input.close() }
            return try upscale(job, claim: claim, input: input, heartbeat: heartbeat)
        } catch {
            guard let outcome = AttemptOutcome(error) else { throw error }
            return outcome
        }
    }

    private func upscale(
        _ job: Job, claim: Claim, input: FileDescriptor, heartbeat: Heartbeat
    ) throws -> AttemptOutcome {
        let copies = try models.copies(of: job.input.modelSHA256)
        let stamps = try Self.stamps(of: copies.files)
        if stamps == nil {
            return try healModel(
                of: job, used: nil, because: "The model with SHA-256 \(job.input.modelSHA256) no longer exists.")
        }
        guard let output = OutputSettings(canonical: job.input.settings) else {
            return .failed(.configuration, "The job's settings were written by another version of this program.", nil)
        }
        let configuration = settings.current.configuration
        let command = WorkerCommand(
            settings: output, models: copies.files, texture: copies.texture, configuration: configuration,
            program: program,
            cores: ProcessInfo.processInfo.activeProcessorCount)
        let file = try PendingOutput.create(for: job, in: settings.current.folders)
        var isProduced = false
        defer { if !isProduced { file.discard() } }
        let outcome = try run(
            command, allowing: configuration.limits, on: job, claim: claim, input: input, output: file,
            heartbeat: heartbeat)
        if case .produced = outcome { isProduced = true }
        if case .failed(.modelUnusable, let message, _) = outcome {
            return try healModel(of: job, used: stamps, because: message)
        }
        return outcome
    }

    /// Runs one worker process to its end.
    private func run(
        _ command: WorkerCommand, allowing limits: Configuration.Limits, on job: Job, claim: Claim,
        input: FileDescriptor, output: PendingOutput, heartbeat: Heartbeat
    ) throws -> AttemptOutcome {
        let worker = try WorkerProcess(command, environment: environment, input: input, output: output.descriptor)
        observer.started(worker.pid, on: job, claim: claim)
        var refusal: WorkerReport.Interruption?
        let report = worker.run(
            interruption: {
                heartbeat.beat()
                return dispatcher.interruption(of: claim) ?? refusal
            },
            handle: { line in
                observer.note(line, of: claim)
                if case .event(.input(let input)) = line, !limits.allows(input.format) {
                    refusal = .formatNotAllowed(input.format)
                }
            })
        let size = try output.descriptor.seek(offset: 0, from: .end)
        switch report.verdict(outputSize: size, limits: command.limits) {
        case .cancelled: return .cancelled
        case .release(let why): return .released(why)
        case .failed(.diskFull, let message):
            let needed = "The output needs more than \(FreeSpace.megabytes(size))."
            return .failed(.diskFull, "\(message) \(needed)", nil)
        case .failed(let reason, let message):
            return .failed(reason, message, report.result.map { JobMetrics($0, kernels: report.kernels) })
        case .succeeded(let result):
            var metrics = JobMetrics(result, kernels: report.kernels)
            metrics.outputBytes = size
            return .produced(ProducedOutput(file: output, format: result.format, metrics: metrics))
        }
    }

    /// The outcome of an attempt whose worker could not use the model: if the private copy of the model was lost or
    /// damaged and could be made again, the job goes back into the queue.
    ///
    /// - used: the stamps of the copies before the worker started; nil if a copy was missing.
    private func healModel(of job: Job, used: [FileStamp]?, because message: String) throws -> AttemptOutcome {
        let unusable = AttemptOutcome.failed(.modelUnusable, message, nil)
        let sha256 = job.input.modelSHA256
        guard let known = settings.current.inboxes.first(where: { $0.model.sha256 == sha256 })?.model else {
            return unusable
        }
        do {
            // Another worker slot may have replaced the copy already.
            let isNew = try !models.keep([known]).isEmpty || Self.stamps(of: models.copies(of: sha256).files) != used
            return isNew ? .released("The private copy of its model was damaged and is replaced. \(message)") : unusable
        } catch let error as FileError where error.code != .notDurable && !error.isPassing {
            return .failed(.modelUnusable, "\(message) Its private copy cannot be made again: \(error)", nil)
        }
    }

    /// The stamps of files; nil if one does not exist.
    private static func stamps(of files: [FilePath]) throws -> [FileStamp]? {
        let stamps = try files.compactMap { try FileStamp.existing($0)?.stamp }
        return stamps.count == files.count ? stamps : nil
    }

    /// Opens the private copy. If the copy is lost, for example after a restore of the state folder without its spool
    /// (the folder of private copies), makes a new one from the original.
    ///
    /// - Returns: nil when the original is gone or has changed as well.
    /// - Throws: `FileError`, also when the copy cannot be opened for a reason that may pass.
    private func openInput(of job: Job) throws -> FileDescriptor? {
        if FaultPlan.injects(.workOnOriginal) { return try settings.current.folders.openFile(job.input.source) }
        do {
            return try RegularFile.open(job.input.spool)
        } catch let error as FileError where !error.isPassing {
            // The copy is lost, or belongs to another user.
        }
        guard let (copy, _) = try intake.copyAgain(job, folders: settings.current.folders) else { return nil }
        defer { intake.discard(copy) }
        return try RegularFile.open(copy)
    }
}
