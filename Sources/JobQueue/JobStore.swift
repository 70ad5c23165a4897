import Foundation
import SystemPackage
import WorkerProtocol

/// The result of enqueueing a file.
public enum EnqueueOutcome: Sendable, Equatable {
    /// A new row was added.
    case created(Job)
    /// The same bytes of the same source path are queued or running already; no row was added.
    case alreadyQueued(Job)
}

/// Rows that a dead daemon left and that the next start must finish.
public struct Recovery: Sendable, Equatable {
    /// Moved from `running` back to `available`. The attempt still counts, since the job itself may have killed its
    /// worker. A job that had used up its attempts moved to `failed` with `worker_crashed` instead.
    public var requeued: [Job] = []
    /// Still in state `publishing`: the publisher checks the disk and completes or releases each.
    public var publishing: [Job] = []

    /// Creates an empty recovery.
    public init() {}
}

/// The job queue, independent of how it is stored.
///
/// All calls block and may be made from any thread. Times are arguments, so that tests control the clock. A write that
/// carries a claim throws `JobStoreError` with code `lostClaim` if the row is no longer under that claim.
public protocol JobStore: JobReading {
    /// Adds a job unless the same bytes of the same source are queued or running already.
    func enqueue(_ job: NewJob, now: Date) throws -> EnqueueOutcome
    /// Adds a row that is `failed` from the start, for a file that cannot become a job: an empty or too large file, a
    /// FIFO, a symbolic link, an unreadable file. Such a row has no spooled copy: `spool` is empty and `contentSHA256`
    /// is "". `needsDisposal` says whether the original must be moved to the failed folder.
    func reject(_ job: NewJob, reason: FailureReason, message: String, needsDisposal: Bool, now: Date) throws -> Job
    /// The newest job, in any state, whose `source` is this path. Intake compares its stamp with the file's, so that a
    /// file that stays in its inbox is taken only once.
    func newestJob(source: FilePath) throws -> Job?
    /// Claims the first available job or the retryable job that was due first, whichever was queued earlier. Adds 1 to
    /// its attempt and gives it a new token. Returns nil if no job is ready or the queue is paused.
    func claim(now: Date) throws -> Job?
    /// The newest completed job of equal content, model and settings, whose output may be reused.
    func completedTwin(of job: Job) throws -> Job?
    /// running -> publishing: the output is durable under `temporary` and will be renamed to `output`. The metrics and
    /// the reused job are stored with the row, so that recovery can complete it.
    func beginPublishing(
        _ claim: Claim, temporary: FilePath, output: FilePath, outputSHA256: String, metrics: JobMetrics,
        reusedJobID: Int64?
    ) throws
    /// publishing -> publishing under another final name, because the preferred name was taken.
    func changeOutput(_ claim: Claim, output: FilePath) throws
    /// publishing -> completed, with the final metrics.
    func complete(_ claim: Claim, metrics: JobMetrics, now: Date) throws
    /// running or publishing -> retryable or failed, depending on the reason and the retry policy. Returns the new row.
    func fail(_ claim: Claim, reason: FailureReason, message: String, metrics: JobMetrics?, now: Date) throws -> Job
    /// running or publishing -> available. The attempt does not count (the service stops or is paused, the disk is
    /// full).
    func release(_ claim: Claim, now: Date) throws
    /// available, running or retryable -> cancelled. The caller must kill a running worker. Returns nil if the job is
    /// final, does not exist, or is publishing: its output may have its final name already, so the job will be
    /// completed.
    func cancel(id: Int64, now: Date) throws -> Job?
    /// failed or cancelled -> available with attempt 0, at the end of the queue. The spool path may change. Returns nil
    /// in any other state and for a file that intake rejected. Throws `JobStoreError` with code `alreadyQueued` if an
    /// unfinished job has the same bytes of the same source.
    func retry(id: Int64, spool: FilePath, source: FilePath, now: Date) throws -> Job?
    /// Records where the original of an ended job was moved or deliberately left; nil if it is gone. Clears
    /// `needsDisposal`.
    func recordDisposal(id: Int64, disposedSource: FilePath?) throws
    /// Sets `needsDisposal` of a completed or failed job whose original was believed to be gone but exists.
    func requireDisposal(id: Int64) throws
    /// The ended jobs whose originals have not been moved yet, oldest first.
    func undisposed() throws -> [Int64]
    /// Recovers the rows of a dead daemon. Call it once, while holding the state lock, before the first claim.
    func recover(now: Date) throws -> Recovery

    /// The spool paths of all unfinished jobs.
    func spoolPathsInUse() throws -> Set<FilePath>
    /// Deletes final jobs that finished before `date` and whose originals need not be moved; returns how many.
    ///
    /// - isTaken: called for each original that was to stay in its inbox, with the stamp of the taken file. True if
    ///   that file is still there; its job is then kept, so that the file is not taken again.
    func prune(finishedBefore date: Date, isTaken: (_ source: FilePath, _ stamp: String) -> Bool) throws -> Int
    /// Takes the write lock and releases it; throws if the queue cannot be written. Writes nothing.
    func probe() throws
    /// Pauses or resumes the queue. A paused queue hands out no claims. Survives restarts.
    func setPaused(_ paused: Bool, now: Date) throws
}
