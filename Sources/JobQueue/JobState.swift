/// The state of a job.
///
/// `docs/architecture.md` has a diagram of all transitions. A CHECK in `migrations/` ties each state to the columns it
/// needs, so a row that contradicts its state cannot be stored.
public enum JobState: String, Sendable, Codable, CaseIterable {
    /// Waits for a worker. Entered by enqueueing, `srgan-jobs retry`, release and recovery; left by a claim or by
    /// `cancel`.
    case available
    /// A worker processes it. Entered by a claim, which adds 1 to `attempt`; left by the dispatcher that holds the
    /// claim's token.
    case running
    /// The output is complete and durable under its temporary name; its final name and hash are committed. Left by the
    /// publisher, or by recovery, which checks on the disk whether the rename happened.
    case publishing
    /// Failed for a transient cause and waits for `runAfter`. Entered by the dispatcher; left by a claim once it is
    /// due, or by `cancel`.
    case retryable
    /// The output is published. Final.
    case completed
    /// Failed for good; `reason` says why. Left only by `srgan-jobs retry`.
    case failed
    /// Cancelled by a person. Left only by `srgan-jobs retry`.
    case cancelled

    /// True if the job has ended: only `srgan-jobs retry` can change its state.
    public var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
}
