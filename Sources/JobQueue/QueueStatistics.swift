import WorkerProtocol

/// Statistics of the whole queue, for `srgan-jobs stats` and the metrics file.
public struct QueueStatistics: Sendable, Equatable {
    /// The number of jobs in each state; every state has an entry.
    public var jobsByState: [JobState: Int] = [:]
    /// The number of failed jobs for each reason.
    public var failuresByReason: [FailureReason: Int] = [:]
    /// The pixels of the inputs of all completed jobs.
    public var inputPixels: Int64 = 0
    /// The pixels of the outputs of all completed jobs.
    public var outputPixels: Int64 = 0
    /// The tiles of all completed jobs that went through the network.
    public var tiles: Int64 = 0
    /// Seconds from creation to claim, summed over completed jobs.
    public var waitSeconds: Double = 0
    /// Seconds of decoding, summed over completed jobs.
    public var decodeSeconds: Double = 0
    /// Seconds of computing the network, summed over completed jobs.
    public var upscaleSeconds: Double = 0
    /// Seconds of encoding, summed over completed jobs.
    public var encodeSeconds: Double = 0
    /// Seconds of publishing, summed over completed jobs.
    public var publishSeconds: Double = 0
    /// Seconds from claim to completion, summed over completed jobs.
    public var totalSeconds: Double = 0
    /// CPU seconds of the workers, summed over completed jobs.
    public var cpuSeconds: Double = 0
    /// The number of completed jobs that reused another job's output.
    public var reused: Int = 0
    /// Seconds since the oldest waiting job was queued.
    public var oldestWaitSeconds: Double = 0

    /// Creates statistics that are all zero.
    public init() {}
}
