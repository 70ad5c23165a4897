import JobQueue

/// The service's numbers in Prometheus' text format. Labels come from closed lists: no name of a file is among them.
struct MetricsText {
    /// What only the running service knows.
    struct Gauges {
        var startedAt: Double
        var running: Int
        var settling: Int
        var isPaused: Bool
        var isPolling: Bool
        var isDiskFull: Bool
    }

    private(set) var text = ""

    init(statistics: QueueStatistics, gauges: Gauges, version: String) {
        family("srgan_info", "gauge", "Which version runs.", [("{version=\"\(version)\"}", 1)])
        family("srgan_start_time_seconds", "gauge", "When the service was ready, Unix time.", [("", gauges.startedAt)])
        family(
            "srgan_jobs", "gauge", "Jobs in the queue's history by state.",
            JobState.allCases.map { ("{state=\"\($0.rawValue)\"}", Double(statistics.jobsByState[$0] ?? 0)) })
        family(
            "srgan_failed_jobs", "gauge", "Failed jobs in the queue's history by reason.",
            FailureReason.allCases.map { ("{reason=\"\($0.rawValue)\"}", Double(statistics.failuresByReason[$0] ?? 0)) }
        )
        family(
            "srgan_reused_jobs", "gauge", "Completed jobs that got the output of an equal one.",
            [("", Double(statistics.reused))])
        family("srgan_input_pixels_total", "counter", "Pixels read.", [("", Double(statistics.inputPixels))])
        family("srgan_output_pixels_total", "counter", "Pixels written.", [("", Double(statistics.outputPixels))])
        family("srgan_tiles_total", "counter", "Tiles computed.", [("", Double(statistics.tiles))])
        family("srgan_cpu_seconds_total", "counter", "CPU time of workers.", [("", statistics.cpuSeconds)])
        family(
            "srgan_stage_seconds_total", "counter", "Time that completed jobs spent in each stage.",
            [
                ("{stage=\"wait\"}", statistics.waitSeconds), ("{stage=\"decode\"}", statistics.decodeSeconds),
                ("{stage=\"upscale\"}", statistics.upscaleSeconds), ("{stage=\"encode\"}", statistics.encodeSeconds),
                ("{stage=\"publish\"}", statistics.publishSeconds),
            ])
        family("srgan_job_seconds_total", "counter", "Time from claim to completion.", [("", statistics.totalSeconds)])
        family(
            "srgan_oldest_wait_seconds", "gauge", "Age of the oldest job that waits.",
            [("", statistics.oldestWaitSeconds)])
        family("srgan_running_jobs", "gauge", "Jobs that workers have.", [("", Double(gauges.running))])
        family(
            "srgan_settling_files", "gauge", "Files that are seen but not yet taken.", [("", Double(gauges.settling))])
        family("srgan_paused", "gauge", "1 while a person paused the queue.", [("", gauges.isPaused ? 1 : 0)])
        family(
            "srgan_polling", "gauge", "1 while some inbox cannot be watched and is polled.",
            [("", gauges.isPolling ? 1 : 0)])
        family(
            "srgan_disk_full", "gauge", "1 while nothing is started for want of room.",
            [("", gauges.isDiskFull ? 1 : 0)])
    }

    private mutating func family(_ name: String, _ type: String, _ help: String, _ samples: [(String, Double)]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        for (labels, value) in samples {
            let number = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
            text += "\(name)\(labels) \(number)\n"
        }
    }
}
