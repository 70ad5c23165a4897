import DaemonControl
import JobQueue
import WorkerProtocol

/// The service's metrics in Prometheus' text format. The values of labels come from fixed sets and never contain file
/// names.
///
/// Sums over the jobs in the database are gauges, not counters: they fall when `srgan-jobs prune` removes old jobs. The
/// counters begin at 0 at each start of the service, as Prometheus expects.
struct MetricsText {
    /// Values that only the running service knows.
    struct Gauges {
        /// The current time, Unix time.
        var now: Double
        /// The time of the service's start, Unix time.
        var startedAt: Double
        var health: DaemonHealth
        var running: Int
        var settling: Int
        var isPaused: Bool
        /// Jobs completed since the service started.
        var completed: Int
        /// Jobs failed since the service started.
        var failed: Int
    }

    private(set) var text = ""

    init(statistics: QueueStatistics, gauges: Gauges) {
        let health = gauges.health
        one("srgan_info", "gauge", "The version of the service.", 1, "{version=\"\(health.version)\"}")
        one("srgan_start_time_seconds", "gauge", "Unix time of the service's start.", gauges.startedAt)
        one("srgan_metrics_timestamp_seconds", "gauge", "Unix time at which this file was written.", gauges.now)
        family(
            "srgan_health", "gauge", "1 for the current state of the service, as srgan-jobs health reports it.",
            DaemonHealth.State.allCases.map { ("{state=\"\($0.rawValue)\"}", $0 == health.state ? 1 : 0) })
        one("srgan_paused", "gauge", "1 while the queue is paused.", gauges.isPaused ? 1 : 0)
        one("srgan_polling", "gauge", "1 while an inbox cannot be watched and is polled.", health.polling ? 1 : 0)
        one("srgan_disk_full", "gauge", "1 while no job starts because a disk is too full.", health.diskFull ? 1 : 0)
        one(
            "srgan_unavailable_inboxes", "gauge", "Inboxes that are missing or cannot be read.",
            Double(health.unavailableInboxes))
        one(
            "srgan_left_out_folders", "gauge", "Folders in inboxes that are too deep or cannot be read.",
            Double(health.leftOutFolders))
        family(
            "srgan_ended_jobs_total", "counter", "Jobs that ended since the service started.",
            [
                ("{outcome=\"completed\"}", Double(gauges.completed)), ("{outcome=\"failed\"}", Double(gauges.failed)),
            ])
        one("srgan_running_jobs", "gauge", "Jobs that workers are processing.", Double(gauges.running))
        one("srgan_settling_files", "gauge", "Files that were found but not yet taken.", Double(gauges.settling))
        one(
            "srgan_ignored_files", "gauge", "Files that stay in the inboxes because they are no images.",
            Double(health.ignored ?? 0))
        one("srgan_oldest_wait_seconds", "gauge", "Age of the oldest waiting job.", statistics.oldestWaitSeconds)
        history(statistics)
    }

    /// Metrics over all jobs that have not been pruned.
    private mutating func history(_ statistics: QueueStatistics) {
        family(
            "srgan_jobs", "gauge", "Jobs in the history by state.",
            JobState.allCases.map { ("{state=\"\($0.rawValue)\"}", Double(statistics.jobsByState[$0] ?? 0)) })
        family(
            "srgan_failed_jobs", "gauge", "Failed jobs in the history by reason.",
            FailureReason.allCases.map { ("{reason=\"\($0.rawValue)\"}", Double(statistics.failuresByReason[$0] ?? 0)) }
        )
        one(
            "srgan_reused_jobs", "gauge", "Completed jobs in the history that reused the output of an equal job.",
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
