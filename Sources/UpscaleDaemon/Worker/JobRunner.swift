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
        let model = models.path(of: job.input.modelSHA256)
        guard FileStamp.of(model) != nil else {
            return .failed(
                .modelUnusable, "The model with SHA-256 \(job.input.modelSHA256) no longer exists.", nil)
        }
        guard let output = OutputSettings(canonical: job.input.settings) else {
            return .failed(.configuration, "The job's settings were written by another version of this program.", nil)
        }
        let configuration = settings.current.configuration
        let command = WorkerCommand(
            settings: output, model: model, configuration: configuration, program: program,
            cores: ProcessInfo.processInfo.activeProcessorCount)
        let file = try PendingOutput.create(for: job)
        var isProduced = false
        defer { if !isProduced { file.discard() } }
        let outcome = try run(
            command, allowing: configuration.limits, on: job, claim: claim, input: input, output: file,
            heartbeat: heartbeat)
        if case .produced = outcome { isProduced = true }
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
        case .failed(let reason, let message): return .failed(reason, message, report.result.map { JobMetrics($0) })
        case .succeeded(let result):
            var metrics = JobMetrics(result)
            metrics.outputBytes = size
            return .produced(ProducedOutput(file: output, format: result.format, metrics: metrics))
        }
    }

    /// Opens the private copy. If the copy is lost, for example after a restore of the state folder without its spool
    /// (the folder of private copies), makes a new one from the original.
    ///
    /// - Returns: nil when the original is gone or has changed as well.
    private func openInput(of job: Job) throws -> FileDescriptor? {
        if FaultPlan.injects(.workOnOriginal) { return try RegularFile.open(job.input.source) }
        if let descriptor = try? RegularFile.open(job.input.spool) { return descriptor }
        guard let (copy, _) = try intake.copyAgain(job) else { return nil }
        defer { intake.discard(copy) }
        return try RegularFile.open(copy)
    }
}
