import JobQueue

/// How fast this machine has completed its last jobs. Medians, so that one strange image does not count.
struct QueueSpeed: Equatable {
    /// How many of the newest completed jobs are looked at.
    static let jobCount = 50

    /// Pixels of input per second, from the claim of a job to its end.
    let pixelsPerSecond: Double
    /// Pixels of input per byte of its file. The size of a waiting image is not known before a worker reads it.
    let pixelsPerByte: Double

    /// Measures completed jobs; nil if none of them upscaled an image.
    init?(_ jobs: [Job]) {
        let upscaled = jobs.compactMap { job -> (pixels: Double, seconds: Double, bytes: Double)? in
            guard job.state == .completed, job.reusedJobID == nil, let metrics = job.metrics, metrics.totalSeconds > 0,
                metrics.inputWidth > 0, metrics.inputHeight > 0, job.input.contentSize > 0
            else { return nil }
            return (
                Double(metrics.inputWidth) * Double(metrics.inputHeight), metrics.totalSeconds,
                Double(job.input.contentSize)
            )
        }
        guard !upscaled.isEmpty else { return nil }
        pixelsPerSecond = Self.median(upscaled.map { $0.pixels / $0.seconds })
        pixelsPerByte = Self.median(upscaled.map { $0.pixels / $0.bytes })
    }

    /// The seconds that one worker needs for files of this many bytes together.
    func seconds(bytes: Int64) -> Double { Double(bytes) * pixelsPerByte / pixelsPerSecond }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
