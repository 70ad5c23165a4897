import Foundation
import JobQueue
import LinuxSupport
import Logging
import QueueControl
import WorkerProtocol

/// Ends jobs. It performs all steps of the end, in this order: publish the output, write the final state to the row,
/// log the outcome, remove the claim from the dispatcher, remove the private copy, move the original.
struct JobFinisher: Sendable {
    let store: any JobStore
    let publisher: Publisher
    let disposer: Disposer
    let dispatcher: Dispatcher
    let stop: StopSignal
    let logger: Logger

    /// Ends an attempt of a worker slot. Never throws; leaves no temporary output.
    ///
    /// - attempt: how the work ended, or the error that interrupted it: an error of the queue or a failed fsync.
    /// - heartbeat: the slot's heartbeat. It beats while the slot waits for space on the queue's disk or copies an
    ///   original.
    func finish(
        _ job: Job, claim: Claim, after attempt: Result<AttemptOutcome, any Error>, heartbeat: Heartbeat
    ) {
        let state = record(attempt, of: job, claim: claim, heartbeat)
        dispatcher.finished(claim, as: state)
        // Clean up only now that the dispatcher has removed the claim: until then, a cancel request leaves the job's
        // files to this slot. A move of the original may take long, and the job must not count as running meanwhile.
        if state != nil { disposer.cleanUp(after: job) { heartbeat.beat() } }
    }

    /// Publishes an output and completes its job. No temporary output is left when this returns or throws.
    ///
    /// - Throws: `FileError` for an error of the output's disk, `JobStoreError` for an error of the queue. After a
    ///   `FileError` the caller must still fail or release the job.
    func publish(_ output: ProducedOutput, of job: Job, claim: Claim, heartbeat: Heartbeat?) throws {
        defer { output.file.discard() }
        let begin = Monotonic.now
        var output = output
        // `Publisher` stores these metrics in the job's row before it renames the file. After a crash, the recovery
        // completes the job with them.
        output.metrics = timed(output.metrics, of: job, claim)
        let path = try publisher.publish(output, of: job, claim: claim, heartbeat: heartbeat)
        var metrics = timed(output.metrics, of: job, claim)
        metrics.publishSeconds = Monotonic.now - begin
        try complete(claim, metrics: metrics, heartbeat: heartbeat)
        let seconds = String(format: "%.1f", metrics.totalSeconds)
        let reused = output.reusedJobID.map { ", with the output of job \($0)" } ?? ""
        logger.info("Job \(job.id): \(job.input.source.escaped) done after \(seconds) s\(reused): \(path.escaped)")
    }

    /// Ends a job that a recovery found in state `publishing`: completes it if its output is published, or puts it back
    /// into the queue if its output is lost. The inbox monitor moves the original later.
    func finishRecovered(_ job: Job, claim: Claim, isPublished: Bool) throws {
        if isPublished {
            logger.notice("Job \(job.id): its output was published before the service ended.")
            try complete(claim, metrics: job.metrics ?? JobMetrics(), heartbeat: nil)
        } else {
            logger.notice("Job \(job.id): its output was lost before it was published; the job runs again.")
            try store.release(claim, now: Date())
        }
        disposer.removeCopies(of: job)
    }

    // MARK: - The row

    /// Records in the queue how an attempt ended.
    ///
    /// - Returns: the job's new state, which is `cancelled` if a person cancelled the job while it ran; nil if the next
    ///   start has to finish the job or put it back into the queue.
    private func record(
        _ attempt: Result<AttemptOutcome, any Error>, of job: Job, claim: Claim, _ heartbeat: Heartbeat
    ) -> JobState? {
        do {
            return try write(attempt.get(), of: job, claim: claim, heartbeat)
        } catch {
            switch StoreTrouble(error) {
            case .lostClaim:
                // Only a cancel request takes the claim away from a running slot.
                logger.info("Job \(job.id) was cancelled while it ran.")
                return .cancelled
            case .passing: return giveBack(job, claim: claim, because: error, heartbeat)
            case .mistake: logger.error("Job \(job.id) stays unfinished until the daemon is restarted: \(error)")
            case .fatal: stop.giveUp(error)
            }
            return nil
        }
    }

    private func write(
        _ outcome: AttemptOutcome, of job: Job, claim: Claim, _ heartbeat: Heartbeat
    ) throws -> JobState {
        switch outcome {
        case .produced(let output):
            do {
                try publish(output, of: job, claim: claim, heartbeat: heartbeat)
                return .completed
            } catch {
                guard let outcome = AttemptOutcome(error) else { throw error }
                return try write(outcome, of: job, claim: claim, heartbeat)
            }
        case .failed(let reason, var message, let metrics):
            let isFull = reason == .diskFull
            if isFull {
                message += " There is \(FreeSpace.text(at: job.input.outputFolder))."
                // Hold before the row is written: otherwise another slot would claim a job at once.
                dispatcher.noteFullDisk(job.id, message)
            }
            let state = try stop.untilStored(heartbeat) {
                try store.fail(
                    claim, reason: reason, message: message, metrics: metrics.map { timed($0, of: job, claim) },
                    now: Date()
                ).state
            }
            let next = state == .failed ? "failed" : isFull ? "waits for free space" : "will be tried again"
            logger.warning(
                "Job \(job.id): \(job.input.source.escaped) \(next), attempt \(job.attempt), \(reason.rawValue): \(message)"
            )
            return state
        case .released(let why):
            if !stop.isStopping && dispatcher.interruption(of: claim) == nil {
                logger.error("Job \(job.id) goes back into the queue: \(why)")
                // Hold before the release: otherwise another slot would claim the job at once.
                dispatcher.hold(because: why)
            }
            try stop.untilStored(heartbeat) { try store.release(claim, now: Date()) }
            return .available
        case .cancelled:
            logger.info("Job \(job.id) was cancelled; its worker was killed.")
            return .cancelled
        }
    }

    /// Puts a job back into the queue if its outcome could not be stored there. A job in state `publishing` stays as it
    /// is: its output may have its final name already.
    private func giveBack(_ job: Job, claim: Claim, because error: any Error, _ heartbeat: Heartbeat) -> JobState? {
        let isReleased = try? stop.untilStored(heartbeat) {
            guard try store.job(id: job.id)?.state == .running else { return false }
            try store.release(claim, now: Date())
            return true
        }
        logger.error(
            "Job \(job.id) \(isReleased == true ? "runs again" : "stays unfinished until the daemon is restarted"): \(error)"
        )
        return isReleased == true ? .available : nil
    }

    private func complete(_ claim: Claim, metrics: JobMetrics, heartbeat: Heartbeat?) throws {
        try stop.untilStored(heartbeat) { try store.complete(claim, metrics: metrics, now: Date()) }
    }

    /// Adds the times that the worker does not know: the wait in the queue, and the total time from the claim until
    /// now.
    private func timed(_ metrics: JobMetrics, of job: Job, _ claim: Claim) -> JobMetrics {
        var metrics = metrics
        // The row's time is older than the claim if the job waited for a full disk.
        let started = dispatcher.claimTime(of: claim) ?? job.startedAt ?? Date()
        metrics.waitSeconds = max(0, started.timeIntervalSince(job.createdAt))
        metrics.totalSeconds = max(0, Date().timeIntervalSince(started))
        return metrics
    }
}
