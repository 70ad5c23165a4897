import Foundation
import SystemPackage
import WorkerProtocol

/// The result of enqueueing a file.
public enum EnqueueOutcome: Sendable, Equatable {
    /// A new row was added.
    case created(Job)
    /// The same bytes of the same source path are queued or running already; no row was added.
    case alreadyQueued(Job)
    /// A job of the same bytes of the same source path has ended, and its original was not dealt with yet when the
    /// caller began to read the file. The file that was read may be that original, which is moved by now or will be
    /// moved soon. No row was added; the caller must examine the path again.
    case ended(Job)
}

/// The unfinished rows of a daemon that died. The next daemon must deal with them when it starts.
public struct Recovery: Sendable, Equatable {
    /// The jobs that were in state `running`, now back in state `available`. The interrupted attempt counts, because
    /// the job itself may have caused the crash. Jobs whose last attempt was interrupted are now in state `failed` with
    /// the reason `worker_crashed`.
    public var requeued: [Job] = []
    /// The jobs that are still in state `publishing`. The publisher checks the disk and completes or releases each job.
    public var publishing: [Job] = []

    /// Creates an empty recovery.
    public init() {}
}

/// The content of a job's original that changed since it was queued.
public struct ChangedContent: Sendable, Equatable {
    /// SHA-256 of the bytes, lower-case hexadecimal.
    public let sha256: String
    /// The number of bytes.
    public let size: Int64
    /// The original's stamp, as in `NewJob.sourceStamp`.
    public let stamp: String

    /// Creates the description of a content.
    public init(sha256: String, size: Int64, stamp: String) {
        self.sha256 = sha256
        self.size = size
        self.stamp = stamp
    }
}

/// The job queue, independent of how it is stored.
///
/// All calls block and may be made from any thread. Times are arguments, so that tests control the clock. Every
/// function with a claim as its argument throws `JobStoreError` with code `lostClaim` if that claim is no longer valid.
public protocol JobStore: JobReading {
    /// Adds a job unless the same bytes of the same source are queued or running already, or such a job has ended while
    /// the caller read the file. The decision and the new row are one transaction.
    ///
    /// - settled: the ids that `settledJobs` returned before the caller read the file. Nil for a file that a person
    ///   added: it is not moved, so jobs that have ended do not matter.
    func enqueue(_ job: NewJob, settled: Set<Int64>?, now: Date) throws -> EnqueueOutcome
    /// The jobs of a source path that have ended and whose originals have been dealt with: the service will not move a
    /// file for them any more.
    func settledJobs(source: FilePath) throws -> Set<Int64>
    /// The newest completed or cancelled job with the source, content, model and settings of `job` whose original was
    /// not moved away.
    func endedTwin(of job: NewJob) throws -> Job?
    /// Stores another stamp of a job's source file, so that the file is recognised by it: the file was touched, or came
    /// back from a backup with the same bytes.
    func updateSourceStamp(id: Int64, _ stamp: String) throws
    /// Adds a row in state `failed` for a file that cannot become a job: an empty or too large file, a FIFO, a symbolic
    /// link, an unreadable file. Such a row has no private copy: `spool` is empty and `contentSHA256` is "".
    /// `needsDisposal` says whether the original must be moved to the failed folder.
    func reject(_ job: NewJob, reason: FailureReason, message: String, needsDisposal: Bool, now: Date) throws -> Job
    /// The newest job, in any state, whose `source` is this path. Intake compares the job's stamp with that of the
    /// file, so that it takes a file that stays in its inbox only once.
    func newestJob(source: FilePath) throws -> Job?
    /// Claims one job for a worker. The candidates are the available job that was queued first and the retryable job
    /// that was due first; the candidate that was queued earlier is claimed. Gives the job a new token and adds 1 to its
    /// attempt. After a full disk, the interrupted attempt goes on instead, and the job counts as queued at the end of
    /// its wait. Returns nil if no job is ready or the queue is paused.
    func claim(now: Date) throws -> Job?
    /// The newest other completed job with the same content, model and settings. Its output may be reused.
    func completedTwin(of job: Job) throws -> Job?
    /// running -> publishing: the output is durable under `temporary` and will be renamed to `output`. The metrics and
    /// the id of the reused job are stored too, so that recovery can complete the job after a crash.
    func beginPublishing(
        _ claim: Claim, temporary: FilePath, output: FilePath, outputSHA256: String, metrics: JobMetrics,
        reusedJobID: Int64?
    ) throws
    /// publishing -> publishing with another final name, because a file with the preferred name exists.
    func changeOutput(_ claim: Claim, output: FilePath) throws
    /// publishing -> completed, with the final metrics.
    func complete(_ claim: Claim, metrics: JobMetrics, now: Date) throws
    /// running or publishing -> retryable or failed, depending on the reason and the retry policy. A full disk does not
    /// use up an attempt: the job waits until there is room, but at most for `RetryPolicy.fullDiskPatience`. Returns the
    /// new row.
    func fail(_ claim: Claim, reason: FailureReason, message: String, metrics: JobMetrics?, now: Date) throws -> Job
    /// running or publishing -> available. The attempt does not count, because the job did not cause the interruption:
    /// the service stops or is paused, or the disk is full.
    func release(_ claim: Claim, now: Date) throws
    /// available, running or retryable -> cancelled. The caller must kill a running worker. Returns nil if the job is
    /// final, does not exist, or is publishing. A publishing job is not cancelled, because its output may already have
    /// its final name; it will be completed.
    func cancel(id: Int64, now: Date) throws -> Job?
    /// failed or cancelled -> available with attempt 0, at the end of the queue, with new paths of its private copy and
    /// its original. Returns nil in any other state. Throws `JobStoreError` with code `alreadyQueued` if an unfinished
    /// job has the same bytes of the same source.
    ///
    /// - content: what the original contains now; nil if its content is that of the job. For a file that intake rejected
    ///   and that therefore has no content, nil changes nothing and the result is nil.
    func retry(id: Int64, spool: FilePath, source: FilePath, content: ChangedContent?, now: Date) throws -> Job?
    /// Records the path to which the original of an ended job was moved, or at which it was deliberately left; nil if
    /// the original no longer exists. Clears `needsDisposal`.
    func recordDisposal(id: Int64, disposedSource: FilePath?) throws
    /// Sets `needsDisposal` of a completed or failed job whose original was recorded as missing but exists after all.
    func requireDisposal(id: Int64) throws
    /// The ended jobs whose originals have not been moved yet, oldest first.
    func undisposed() throws -> [Int64]
    /// Recovers the unfinished rows of a daemon that died. Call it once, under the state lock, before the first claim.
    func recover(now: Date) throws -> Recovery

    /// The paths of the private copies of all unfinished jobs.
    func spoolPathsInUse() throws -> Set<FilePath>
    /// Deletes final jobs that finished before `date` and whose originals need not be moved; returns how many.
    ///
    /// - isTaken: called for each job whose original was not moved out of its inbox, and for each failed job, with the
    ///   original's present path and its stamp at intake. Returns true if the same file is still there. Then the job is
    ///   kept: without it, intake would take the file again, or nobody could retry it.
    func prune(finishedBefore date: Date, isTaken: (_ source: FilePath, _ stamp: String) -> Bool) throws -> Int
    /// Deletes the events before `date`; returns how many.
    func pruneEvents(before date: Date) throws -> Int
    /// Takes the database's write lock and releases it without writing; throws if the queue cannot be written, or if its
    /// file was deleted or replaced.
    func probe() throws
    /// Pauses or resumes the queue. While it is paused, `claim` returns nil. The setting survives restarts.
    func setPaused(_ paused: Bool, now: Date) throws
}

extension JobStore {
    /// Adds a job for a file that a person added.
    public func enqueue(_ job: NewJob, now: Date) throws -> EnqueueOutcome {
        try enqueue(job, settled: nil, now: now)
    }

    /// Queues a failed or cancelled job again with its unchanged content.
    public func retry(id: Int64, spool: FilePath, source: FilePath, now: Date) throws -> Job? {
        try retry(id: id, spool: spool, source: source, content: nil, now: now)
    }
}
