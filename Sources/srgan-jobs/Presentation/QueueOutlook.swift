import Foundation
import JobPresentation
import JobQueue
import LinuxSupport

/// The state of the whole queue at one moment, and when it will be done. All members are pure functions.
struct QueueOutlook {
    let place: QueuePlace
    let isPaused: Bool
    /// The number of jobs that wait for a worker.
    let waiting: Int
    /// The bytes of their files.
    let waitingBytes: Int64
    /// The jobs that are running or publishing.
    let running: [JobFields]
    /// The speed of the last jobs; nil if no job has completed yet.
    let speed: QueueSpeed?
    /// How many jobs run at the same time.
    let processes: Int
    let daemonIsAbsent: Bool
    let now: Date

    /// Estimate of the seconds until the last job has ended, if jobs are started; nil if no job has completed yet.
    var secondsLeft: Double? {
        guard let speed else { return waiting == 0 && running.isEmpty ? 0 : nil }
        let left = running.map { job in
            job.running?.secondsLeft(now: now)
                ?? max(0, speed.seconds(bytes: job.job.input.contentSize) - (job.seconds ?? 0))
        }
        let work = speed.seconds(bytes: waitingBytes) + left.reduce(0, +)
        return max(work / Double(max(1, processes)), left.max() ?? 0)
    }

    /// When the last job will have ended; nil if that is unknown, or if nothing starts the waiting jobs.
    var doneAt: Date? {
        guard !daemonIsAbsent, !isPaused || waiting == 0, waiting > 0 || !running.isEmpty else { return nil }
        return secondsLeft.map { now.addingTimeInterval($0) }
    }

    /// When it will be done, in words: `done by 14:32, in about 4m 10s`.
    func words(timeZone: TimeZone) -> String {
        guard let secondsLeft else { return "time left unknown: no job has completed yet" }
        let about = "about \(Quantity.duration(secondsLeft))"
        guard let doneAt else { return "\(about) of work" }
        return "done by \(Quantity.clock(doneAt, now: now, timeZone: timeZone)), in \(about)"
    }

    /// The state in one line: `3 jobs wait, 1 runs: done by 14:32, in about 4m 10s`.
    func summary(timeZone: TimeZone) -> String {
        var facts: [String] = []
        if isPaused { facts.append("paused") }
        if daemonIsAbsent { facts.append("no daemon runs") }
        if waiting > 0 { facts.append("\(waiting) job\(waiting == 1 ? " waits" : "s wait")") }
        if !running.isEmpty { facts.append("\(running.count) run\(running.count == 1 ? "s" : "")") }
        if waiting == 0, running.isEmpty { return (facts + ["no job waits"]).joined(separator: ", ") }
        return facts.joined(separator: ", ") + ": " + words(timeZone: timeZone)
    }

    /// The outlook for `--json`; docs/cli.md describes every field.
    var json: [(String, JSONValue)] {
        place.json + [
            ("paused", .bool(isPaused)), ("waiting", JSONValue(waiting)), ("running", JSONValue(running.count)),
            ("recent_megapixels_per_second", JSONValue(speed.map { $0.pixelsPerSecond / 1e6 })),
            ("seconds_left", JSONValue(secondsLeft)), ("done_at", JSONValue(doneAt.map(Quantity.timestamp))),
        ]
    }
}
