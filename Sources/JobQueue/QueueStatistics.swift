import WorkerProtocol

/// Statistics for `srgan-jobs stats` and the metrics file; equal to sums over the table.
public struct QueueStatistics: Sendable, Equatable {
    /// Jobs by state; every state has an entry.
    public var jobsByState: [JobState: Int] = [:]
    /// Failed jobs by reason.
    public var failuresByReason: [FailureReason: Int] = [:]
    /// Sum over completed jobs.
    public var inputPixels: Int64 = 0
    /// Sum over completed jobs.
    public var outputPixels: Int64 = 0
    /// Sum over completed jobs.
    public var tiles: Int64 = 0
    /// Sum over completed jobs.
    public var waitSeconds: Double = 0
    /// Sum over completed jobs.
    public var decodeSeconds: Double = 0
    /// Sum over completed jobs.
    public var upscaleSeconds: Double = 0
    /// Sum over completed jobs.
    public var encodeSeconds: Double = 0
    /// Sum over completed jobs.
    public var publishSeconds: Double = 0
    /// Sum over completed jobs.
    public var totalSeconds: Double = 0
    /// Sum over completed jobs.
    public var cpuSeconds: Double = 0
    /// Completed jobs that reused another job's output.
    public var reused: Int = 0
    /// The age of the oldest waiting job.
    public var oldestWaitSeconds: Double = 0

    /// Creates statistics that are all zero.
    public init() {}
}
