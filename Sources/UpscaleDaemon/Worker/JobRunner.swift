import FaultInjection
import Foundation
import JobQueue
import LinuxSupport
import Logging
import SystemPackage
import WorkerProtocol

/// Does one claimed job from its private copy to its published output. Runs on a worker slot's thread.
struct JobRunner: Sendable {
    /// How a job's work ended, before the queue is told.
    private enum Ending {
        case published
        case failed(FailureReason, String, JobMetrics?)
        case released(String)
        case cancelled
    }

    let store: any JobStore
    let settings: LiveSettings
    let intake: Intake
    let models: ModelCatalog
    let publisher: Publisher
    let disposer: Disposer
    let dispatcher: Dispatcher
    let stop: StopSignal
    let program: FilePath
    let environment: [String: String]
    let logger: Logger
    let sandboxLog: SandboxLog

    /// Does the job and tells the queue how it ended; never throws, never leaves a temporary file.
    func run(_ job: Job, heartbeat: Heartbeat) {
        guard let claim = job.claim else { return }
        var ended: Job?
        do {
            let ending = try work(job, claim: claim, heartbeat: heartbeat)
            ended = try stop.untilStored(heartbeat) { try settle(ending, job: job, claim: claim) }
        } catch {
            switch StoreTrouble(error) {
            case .lostClaim:
                logger.info("Job \(job.id) was taken back.")
                ended = try? store.job(id: job.id)
            case .passing: ended = giveBack(job, claim: claim, because: error, heartbeat)
            case .mistake: logger.error("Job \(job.id) is settled at the next start: \(error)")
            case .fatal: stop.giveUp(error)
            }
        }
        dispatcher.finished(claim, as: ended)
        // Somebody took the job back and had it copied anew.
        if let ended, ended.input.spool != job.input.spool { publisher.spool.remove(job.input.spool) }
        // After the job is out of the running ones: moving its original may take long.
        if let ended {
            if ended.state.isFinal { publisher.spool.remove(ended.input.spool) }
            disposer.dispose(ended.id) { heartbeat.beat() }
        }
    }

    /// Puts a job back that the queue would not let go on. Not one that is being published: its output may have its name already.
    private func giveBack(_ job: Job, claim: Claim, because error: any Error, _ heartbeat: Heartbeat) -> Job? {
        let released = try? stop.untilStored(heartbeat) {
            guard try store.job(id: job.id)?.state == .running else { return nil as Job? }
            try store.release(claim, now: Date())
            return try store.job(id: job.id)
        }
        logger.error("Job \(job.id) \(released == nil ? "is left for later" : "is done again"): \(error)")
        return released
    }

    // MARK: - The work

    private func work(_ job: Job, claim: Claim, heartbeat: Heartbeat) throws -> Ending {
        do {
            if let twin = try store.completedTwin(of: job), try reuse(twin, for: job, claim: claim, heartbeat) {
                return .published
            }
            guard let input = try openInput(of: job) else {
                return .failed(
                    .vanished, "The private copy is lost, and the original is gone or has changed.", nil)
            }
            defer { try? input.close() }
            return try upscale(job, claim: claim, input: input, heartbeat: heartbeat)
        } catch let error as DaemonError where error.code == .worker {
            return .released(error.message)
        } catch let error as FileError where error.isDiskFull && !FaultPlan.injects(.chargeFullDisk) {
            return .released(error.message)
        } catch let error as FileError where error.code != .notDurable {
            return .failed(.inputOutputError, error.message, nil)
        }
    }

    private func upscale(
        _ job: Job, claim: Claim, input: FileDescriptor, heartbeat: Heartbeat
    ) throws -> Ending {
        let model = models.path(of: job.input.modelSHA256)
        guard FileStamp.of(model) != nil else {
            return .failed(
                .modelUnusable, "The model with SHA-256 \(job.input.modelSHA256) is not there any more.", nil)
        }
        guard let output = OutputSettings(canonical: job.input.settings) else {
            return .failed(.configuration, "The job's settings were written by another version of this program.", nil)
        }
        let configuration = settings.current.configuration
        let command = WorkerCommand(
            settings: output, model: model, configuration: configuration, program: program,
            cores: ProcessInfo.processInfo.activeProcessorCount)
        return try withTemporary(of: job) { temporary, descriptor in
            let worker = try WorkerProcess(command, environment: environment, input: input, output: descriptor)
            dispatcher.update(claim) { $0.workerPID = worker.pid }
            logger.debug("Job \(job.id): worker \(worker.pid) has it, attempt \(job.attempt).")
            var refusal: WorkerReport.Interruption?
            let report = worker.run(
                interruption: {
                    heartbeat.beat()
                    return dispatcher.interruption(of: claim) ?? refusal
                },
                handle: { line in
                    note(line, of: claim)
                    if case .event(.input(let input)) = line, !configuration.limits.allows(input.format) {
                        refusal = .formatNotAllowed(input.format)
                    }
                })
            let size = try descriptor.seek(offset: 0, from: .end)
            switch report.verdict(outputSize: size, limits: command.limits) {
            case .cancelled: return .cancelled
            case .release(let why): return .released(why)
            case .failed(let reason, let message):
                return .failed(reason, message, report.result.map { measured(JobMetrics($0), job) })
            case .succeeded(let result):
                var metrics = measured(JobMetrics(result), job)
                metrics.outputBytes = size
                try publisher.publish(
                    job, claim: claim, temporary: temporary, descriptor: descriptor, format: result.format,
                    metrics: metrics, reusedJobID: nil, heartbeat: heartbeat)
                return .published
            }
        }
    }

    /// Gives the job the output of an equal one that was completed before.
    ///
    /// - Returns: false when that output is no longer what it was.
    private func reuse(_ twin: Job, for job: Job, claim: Claim, _ heartbeat: Heartbeat) throws -> Bool {
        guard let output = twin.output, let source = try? RegularFile.open(output) else { return false }
        defer { try? source.close() }
        return try withTemporary(of: job) { temporary, descriptor in
            let (sha256, size) = try DurableFile.copy(from: source, to: descriptor, name: output)
            guard sha256 == twin.outputSHA256 else { return false }
            var metrics = JobMetrics()
            if let earlier = twin.metrics {
                metrics.inputWidth = earlier.inputWidth
                metrics.inputHeight = earlier.inputHeight
                metrics.outputWidth = earlier.outputWidth
                metrics.outputHeight = earlier.outputHeight
                metrics.notes = earlier.notes
            }
            metrics = measured(metrics, job)
            metrics.outputBytes = size
            try publisher.publish(
                job, claim: claim, temporary: temporary, descriptor: descriptor, format: Self.format(of: output),
                metrics: metrics, reusedJobID: twin.reusedJobID ?? twin.id, heartbeat: heartbeat)
            return true
        }
    }

    /// Calls `body` with a new temporary output, which is gone or published afterwards.
    private func withTemporary<Result>(
        of job: Job, _ body: (FilePath, FileDescriptor) throws -> Result
    ) throws -> Result {
        try DurableFile.createFolder(job.input.outputFolder)
        let temporary = TemporaryOutput.path(in: job.input.outputFolder, id: job.id)
        let descriptor = try DurableFile.create(
            temporary, permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
        defer {
            try? descriptor.close()
            try? DurableFile.remove(temporary)
        }
        return try body(temporary, descriptor)
    }

    private func openInput(of job: Job) throws -> FileDescriptor? {
        if FaultPlan.injects(.workOnOriginal) { return try RegularFile.open(job.input.source) }
        if let descriptor = try? RegularFile.open(job.input.spool) { return descriptor }
        // A state folder that was restored without its spool.
        guard let (copy, _) = try intake.copyAgain(job) else { return nil }
        defer { intake.spool.remove(copy) }
        return try RegularFile.open(copy)
    }

    private func note(_ line: WorkerLine, of claim: Claim) {
        switch line {
        case .event(.start(let start)):
            let sandbox = SandboxSummary(start.sandbox)
            sandboxLog.note(sandbox)
            logger.debug("Job \(claim.id): worker sandbox: \(sandbox.text).")
        case .event(.input(let input)):
            dispatcher.update(claim) {
                $0.inputWidth = input.width
                $0.inputHeight = input.height
                $0.tilesTotal = input.tiles
                $0.firstTileAt = Date()
            }
        case .event(.progress(let progress)):
            dispatcher.update(claim) {
                $0.tilesDone = progress.tilesDone
                $0.tilesTotal = progress.tilesTotal
            }
        case .text(let text): logger.debug("Job \(claim.id): the worker says: \(text)")
        default: break
        }
    }

    private func measured(_ metrics: JobMetrics, _ job: Job) -> JobMetrics {
        var metrics = metrics
        let started = job.startedAt ?? Date()
        metrics.waitSeconds = max(0, started.timeIntervalSince(job.createdAt))
        metrics.totalSeconds = max(0, Date().timeIntervalSince(started))
        return metrics
    }

    /// The format that an extension of ours means.
    private static func format(of output: FilePath) -> String? {
        switch output.extension?.lowercased() {
        case "jpg", "jpeg", "jpe", "jfif": "jpeg"
        case "tif", "tiff": "tiff"
        case "png": "png"
        case "webp": "webp"
        default: nil
        }
    }

    // MARK: - The queue

    private func settle(_ ending: Ending, job: Job, claim: Claim) throws -> Job? {
        switch ending {
        case .published:
            let ended = try store.job(id: job.id)
            let seconds = String(format: "%.1f", ended?.metrics?.totalSeconds ?? 0)
            let reused = ended?.reusedJobID.map { ", with the output of job \($0)" } ?? ""
            logger.info(
                "Job \(job.id): \(job.input.source.escaped) is done after \(seconds) s\(reused): \(ended?.output?.escaped ?? "")"
            )
            return ended
        case .failed(let reason, let message, let metrics):
            let ended = try store.fail(claim, reason: reason, message: message, metrics: metrics, now: Date())
            let next = ended.state == .retryable ? "will be tried again" : "failed"
            logger.warning(
                "Job \(job.id): \(job.input.source.escaped) \(next), attempt \(job.attempt), \(reason.rawValue): \(message)"
            )
            return ended
        case .released(let why):
            if !stop.isStopping && dispatcher.interruption(of: claim) == nil {
                logger.error("Job \(job.id) goes back into the queue: \(why)")
                dispatcher.hold()
            }
            try store.release(claim, now: Date())
            return try store.job(id: job.id)
        case .cancelled:
            logger.info("Job \(job.id) was cancelled; its worker was ended.")
            return try store.job(id: job.id)
        }
    }
}
