import WorkerProtocol

/// Statistics of the whole queue, for `srgan-jobs stats` and the metrics file.
public struct QueueStatistics: Sendable, Equatable {
    /// The number of jobs in each state; every state has an entry.
    public var jobsByState: [JobState: Int] = [:]
    /// The number of failed jobs for each reason.
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
    /// The number of completed jobs that reused another job's output.
    public var reused: Int = 0
    /// Seconds since the oldest waiting job was queued.
    public var oldestWaitSeconds: Double = 0

    /// Creates statistics that are all zero.
    public init() {}
}
