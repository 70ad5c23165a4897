import DaemonControl
import JobQueue
import WorkerProtocol

/// The service's numbers in Prometheus' text format. Labels come from closed lists: no name of a file is among them.
///
/// What is summed over the queue's history is a gauge, since `srgan-jobs prune` takes jobs out of it; the counters begin at 0
/// with each start, as Prometheus expects of them.
struct MetricsText {
    /// What only the running service knows.
    struct Gauges {
        /// Unix time.
        var now: Double
        /// Unix time.
        var startedAt: Double
        var health: DaemonHealth
        var running: Int
        var settling: Int
        var isPaused: Bool
        /// Jobs since the start.
        var completed: Int
        /// Jobs since the start.
        var failed: Int
    }

    private(set) var text = ""

    init(statistics: QueueStatistics, gauges: Gauges) {
        let health = gauges.health
        one("srgan_info", "gauge", "Which version runs.", 1, "{version=\"\(health.version)\"}")
        one("srgan_start_time_seconds", "gauge", "When the service was started, Unix time.", gauges.startedAt)
        one("srgan_metrics_timestamp_seconds", "gauge", "When this was written, Unix time.", gauges.now)
        family(
            "srgan_health", "gauge", "1 for the state that the service is in, as srgan-jobs health tells it.",
            DaemonHealth.State.allCases.map { ("{state=\"\($0.rawValue)\"}", $0 == health.state ? 1 : 0) })
        one("srgan_paused", "gauge", "1 while a person paused the queue.", gauges.isPaused ? 1 : 0)
        one("srgan_polling", "gauge", "1 while some inbox cannot be watched and is polled.", health.polling ? 1 : 0)
        one("srgan_disk_full", "gauge", "1 while nothing is started for want of room.", health.diskFull ? 1 : 0)
        family(
            "srgan_ended_jobs_total", "counter", "Jobs that ended since the start.",
            [
                ("{outcome=\"completed\"}", Double(gauges.completed)), ("{outcome=\"failed\"}", Double(gauges.failed)),
            ])
        one("srgan_running_jobs", "gauge", "Jobs that workers have.", Double(gauges.running))
        one("srgan_settling_files", "gauge", "Files that are seen but not yet taken.", Double(gauges.settling))
        one("srgan_oldest_wait_seconds", "gauge", "Age of the oldest job that waits.", statistics.oldestWaitSeconds)
        history(statistics)
    }

    /// Numbers over all jobs that have not been pruned.
    private mutating func history(_ statistics: QueueStatistics) {
        family(
            "srgan_jobs", "gauge", "Jobs of the history by state.",
            JobState.allCases.map { ("{state=\"\($0.rawValue)\"}", Double(statistics.jobsByState[$0] ?? 0)) })
        family(
            "srgan_failed_jobs", "gauge", "Failed jobs of the history by reason.",
            FailureReason.allCases.map { ("{reason=\"\($0.rawValue)\"}", Double(statistics.failuresByReason[$0] ?? 0)) }
        )
        one(
            "srgan_reused_jobs", "gauge", "Completed jobs of the history that got the output of an equal one.",
            Double(statistics.reused))
        one("srgan_input_pixels", "gauge", "Pixels read for completed jobs.", Double(statistics.inputPixels))
        one("srgan_output_pixels", "gauge", "Pixels written for completed jobs.", Double(statistics.outputPixels))
        one("srgan_tiles", "gauge", "Tiles computed for completed jobs.", Double(statistics.tiles))
        one("srgan_cpu_seconds", "gauge", "CPU time of the workers of completed jobs.", statistics.cpuSeconds)
        family(
            "srgan_stage_seconds", "gauge", "Time that completed jobs spent in each stage.",
            [
                ("{stage=\"wait\"}", statistics.waitSeconds), ("{stage=\"decode\"}", statistics.decodeSeconds),
                ("{stage=\"upscale\"}", statistics.upscaleSeconds), ("{stage=\"encode\"}", statistics.encodeSeconds),
                ("{stage=\"publish\"}", statistics.publishSeconds),
            ])
        one("srgan_job_seconds", "gauge", "Time of completed jobs from claim to end.", statistics.totalSeconds)
    }

    private mutating func one(_ name: String, _ type: String, _ help: String, _ value: Double, _ labels: String = "") {
        family(name, type, help, [(labels, value)])
    }

    private mutating func family(_ name: String, _ type: String, _ help: String, _ samples: [(String, Double)]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        for (labels, value) in samples {
            let number = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
            text += "\(name)\(labels) \(number)\n"
        }
    }
}
