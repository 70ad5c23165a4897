import ArgumentParser
import Foundation
import JobQueue
import LinuxSupport
import WorkerProtocol

/// `srgan-jobs stats`.
struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Show statistics over the whole history, and when the queue will be done.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            let (history, now, daemon) = (try session.history(), Date(), session.daemon())
            let sheet = StatisticsSheet(
                statistics: try history.statistics(now: now),
                queue: try session.outlook(history, daemon: daemon, now: now), daemon: daemon.status?.pid)
            StandardOutput.print(
                format.json ? sheet.json.text : sheet.lines(timeZone: .current).joined(separator: "\n"))
        }
    }
}

/// The statistics as `stats` prints them. All members are pure functions.
struct StatisticsSheet {
    let statistics: QueueStatistics
    let queue: QueueOutlook
    /// The daemon's process id; nil if no daemon answers.
    let daemon: Int32?

    private var stages: [(name: String, seconds: Double)] {
        [
            ("wait", statistics.waitSeconds), ("decode", statistics.decodeSeconds),
            ("upscale", statistics.upscaleSeconds), ("encode", statistics.encodeSeconds),
            ("publish", statistics.publishSeconds), ("total", statistics.totalSeconds), ("cpu", statistics.cpuSeconds),
        ]
    }

    private var megapixelsPerSecond: Double? {
        statistics.totalSeconds > 0 ? Double(statistics.inputPixels) / 1e6 / statistics.totalSeconds : nil
    }

    private var failures: [(FailureReason, Int)] {
        statistics.failuresByReason.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
    }

    /// The statistics as text, in two blocks: the number of jobs in each state, and sums over the completed jobs.
    func lines(timeZone: TimeZone) -> [String] {
        let completed = statistics.jobsByState[.completed] ?? 0
        var facts: [(String, TextTable.Cell)] = [
            ("Daemon", TextTable.Cell(daemon.map { "running, process \($0)" } ?? "not running")),
            ("Configuration", TextTable.Cell(queue.place.configuration.escaped)),
            ("State folder", TextTable.Cell(queue.place.stateFolder.escaped)),
            ("Queue", queue.isPaused ? "paused" : "active"),
            ("Outlook", TextTable.Cell(queue.summary(timeZone: timeZone))),
        ]
        for state in JobState.allCases {
            facts.append((state.rawValue, TextTable.Cell("\(statistics.jobsByState[state] ?? 0)")))
        }
        for (reason, count) in failures {
            facts.append(("  \(reason.rawValue)", TextTable.Cell("\(count)")))
        }
        if statistics.oldestWaitSeconds > 0 {
            facts.append(("Oldest waits", TextTable.Cell(Quantity.duration(statistics.oldestWaitSeconds))))
        }
        guard completed > 0 else { return JobSheet.aligned(facts, colours: false) }
        facts += [
            ("Reused outputs", TextTable.Cell("\(statistics.reused)")),
            ("Pixels in", TextTable.Cell(Quantity.fixed(Double(statistics.inputPixels) / 1e6, 1) + " Mpixel")),
            ("Pixels out", TextTable.Cell(Quantity.fixed(Double(statistics.outputPixels) / 1e6, 1) + " Mpixel")),
            ("Tiles", TextTable.Cell("\(statistics.tiles)")),
        ]
        for (name, seconds) in stages {
            let mean = Quantity.duration(seconds / Double(completed))
            facts.append(("Time: \(name)", TextTable.Cell("\(Quantity.duration(seconds)), \(mean) a job")))
        }
        if let speed = megapixelsPerSecond {
            facts.append(("Speed", TextTable.Cell(Quantity.fixed(speed, 3) + " Mpixel/s")))
        }
        return JobSheet.aligned(facts, colours: false)
    }

    /// The statistics for `--json`; docs/cli.md describes every field.
    var json: JSONValue {
        .object(
            [
                ("version", 1), ("daemon_pid", JSONValue(daemon.map(Int64.init))), ("paused", .bool(queue.isPaused)),
                (
                    "jobs",
                    .object(JobState.allCases.map { ($0.rawValue, JSONValue(statistics.jobsByState[$0] ?? 0)) })
                ),
                ("failures", .object(failures.map { ($0.rawValue, JSONValue($1)) })),
                ("oldest_wait_seconds", JSONValue(statistics.oldestWaitSeconds)),
                ("reused", JSONValue(statistics.reused)),
                ("input_pixels", JSONValue(statistics.inputPixels)),
                ("output_pixels", JSONValue(statistics.outputPixels)), ("tiles", JSONValue(statistics.tiles)),
                ("seconds", .object(stages.map { ($0.name, JSONValue($0.seconds)) })),
                ("megapixels_per_second", JSONValue(megapixelsPerSecond)),
            ] + queue.json.filter { $0.0 != "paused" })
    }
}
