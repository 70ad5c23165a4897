import Foundation
import SystemPackage
import WorkerProtocol

/// What enqueueing did.
public enum EnqueueOutcome: Sendable, Equatable {
    /// A new row.
    case created(Job)
    /// The same bytes of the same source path wait or run already: no second row.
    case alreadyQueued(Job)
}

/// What a start must finish: rows that a dead daemon left.
public struct Recovery: Sendable, Equatable {
    /// Went from `running` back to `available`; the attempt stays charged, since the job may be what killed its worker. A job that
    /// has used up its attempts went to `failed` with `worker_crashed`.
    public var requeued: [Job] = []
    /// Still `publishing`: the publisher looks at the disk and completes or releases each.
    public var publishing: [Job] = []

    /// Creates an empty list of things to do.
    public init() {}
}

/// The queue, whatever keeps it.
///
/// All calls block and may be made from any thread. Times are arguments, so that tests own the clock. A write that
/// carries a claim throws `JobStoreError` with code `lostClaim` when the row is no longer under that claim.
public protocol JobStore: JobReading {
    /// Adds a job unless the same bytes of the same source already wait or run.
    func enqueue(_ job: NewJob, now: Date) throws -> EnqueueOutcome
    /// Adds a row that is `failed` from the start, for what never becomes work: an empty or too large file, a FIFO, a symbolic
    /// link, a file that may not be read. Such a row has no spooled copy: `spool` is empty and `contentSHA256` is "".
    /// `needsDisposal` says whether the original is to be moved to the failed folder.
    func reject(_ job: NewJob, reason: FailureReason, message: String, needsDisposal: Bool, now: Date) throws -> Job
    /// The newest job, in whatever state, whose `source` is this path: intake compares its stamp with the file's, so that a file that
    /// stays in its inbox is taken once.
    func newestJob(source: FilePath) throws -> Job?
    /// Takes the job that was queued first of those that are available and the one retryable job that fell due first; adds 1 to
    /// its attempt and gives it a fresh token. Nil when nothing is ready or the queue is paused.
    func claim(now: Date) throws -> Job?
    /// A completed job of equal content, model and settings, newest first: its output may be reused.
    func completedTwin(of job: Job) throws -> Job?
    /// running -> publishing: the output is durable under `temporary`; it will be named `output`. The metrics and the reused job
    /// are kept with the row, so that recovery can complete it with them.
    func beginPublishing(
        _ claim: Claim, temporary: FilePath, output: FilePath, outputSHA256: String, metrics: JobMetrics,
        reusedJobID: Int64?
    ) throws
    /// publishing -> publishing under another final name, when the wished-for name turned out to be taken.
    func changeOutput(_ claim: Claim, output: FilePath) throws
    /// publishing -> completed, with the final metrics.
    func complete(_ claim: Claim, metrics: JobMetrics, now: Date) throws
    /// running or publishing -> retryable or failed, as the reason and the retry policy say. Returns the new row.
    func fail(_ claim: Claim, reason: FailureReason, message: String, metrics: JobMetrics?, now: Date) throws -> Job
    /// running or publishing -> available without a charge: the attempt is given back (stopping, pausing, disk full).
    func release(_ claim: Claim, now: Date) throws
    /// available, running or retryable -> cancelled. A running worker is the caller's to kill. Returns nil when the job is final
    /// already, does not exist, or is publishing: its output may carry its final name already, so it ends completed.
    func cancel(id: Int64, now: Date) throws -> Job?
    /// failed or cancelled -> available with attempt 0, at the end of the line. The spool path may have changed. Returns nil in any
    /// other state and for a file that was refused at intake. Throws `JobStoreError` with code `alreadyQueued` when another job has
    /// the same bytes of the same source and is not finished.
    func retry(id: Int64, spool: FilePath, source: FilePath, now: Date) throws -> Job?
    /// Notes where the original of a job that ended was put, or left on purpose; nil when it is gone. Clears `needsDisposal`.
    func recordDisposal(id: Int64, disposedSource: FilePath?) throws
    /// Has the original of a completed or failed job moved after all: it was thought to be gone, and is there.
    func requireDisposal(id: Int64) throws
    /// The jobs that ended and whose original has not been moved yet, oldest first.
    func undisposed() throws -> [Int64]
    /// To be called once, by the process that holds the lock, before anything is claimed.
    func recover(now: Date) throws -> Recovery

    /// Every spool path that a job which is not final needs.
    func spoolPathsInUse() throws -> Set<FilePath>
    /// Deletes final jobs that finished before `date` and owe nothing to their originals; returns how many.
    ///
    /// - isTaken: asked for each file that was to stay in its inbox, with the stamp that it was taken with: whether it is still
    ///   there. Its job is kept then.
    func prune(finishedBefore date: Date, isTaken: (_ source: FilePath, _ stamp: String) -> Bool) throws -> Int
    /// Takes the right to write and gives it back: returns when the queue can be written, throws when it cannot. Writes nothing.
    func probe() throws
    /// Pauses or resumes: a paused queue hands out no claims. Survives restarts.
    func setPaused(_ paused: Bool, now: Date) throws
}
