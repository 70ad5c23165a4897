/// Where a job stands.
///
/// The drawing of all transitions is in `docs/architecture.md`; a CHECK in `migrations/` ties each state to the columns
/// that it needs, so a row that contradicts its state cannot be stored.
public enum JobState: String, Sendable, Codable, CaseIterable {
    /// Waits for a worker. Entered by enqueueing, by `srgan-jobs retry` and by recovery; left by a claim or
    /// by `cancel`.
    case available
    /// A worker has it. Entered by a claim, which adds 1 to `attempt`; left by the dispatcher that holds the claim's token.
    case running
    /// The output is complete and durable under its temporary name; its final name and hash are committed. Left by the
    /// publisher, or by recovery, which can tell from the disk whether the rename happened.
    case publishing
    /// Failed for a passing cause and waits for `runAfter`. Entered by the dispatcher, left by a claim once due or by `cancel`.
    case retryable
    /// Has its output. Final.
    case completed
    /// Will not get better by itself; `reason` says why. Left only by `srgan-jobs retry`.
    case failed
    /// Taken back by a person. Left only by `srgan-jobs retry`.
    case cancelled

    /// Whether nothing moves the job any more without a person's doing.
    public var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
}
