/// The state of a job.
///
/// `docs/architecture.md` has a diagram of all transitions. A CHECK constraint in `migrations/` lists the columns that
/// must have a value in each state, so a row that contradicts its state cannot be stored.
public enum JobState: String, Sendable, Codable, CaseIterable {
    /// The job waits for a worker. It enters this state when it is enqueued, retried by `srgan-jobs retry`, released or
    /// recovered, and leaves it when it is claimed or cancelled.
    case available
    /// A worker processes the job. The job enters this state by a claim, which adds 1 to `attempt`; the holder of the
    /// claim moves the job to the next state.
    case running
    /// The output is complete and durable under its temporary name, and its final name and hash are committed to the
    /// database. The publisher renames the output and completes the job. After a crash, recovery does so, and first
    /// checks on the disk whether the output was renamed.
    case publishing
    /// The job failed for a transient cause and waits until `runAfter`. It leaves this state by a claim after that
    /// time, or when it is cancelled.
    case retryable
    /// The output is published. This state is final.
    case completed
    /// The job failed and is not retried automatically; `reason` says why. Only `srgan-jobs retry` changes this state.
    case failed
    /// A person cancelled the job. Only `srgan-jobs retry` changes this state.
    case cancelled

    /// True if the job has ended: only `srgan-jobs retry` can change its state.
    public var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
}
