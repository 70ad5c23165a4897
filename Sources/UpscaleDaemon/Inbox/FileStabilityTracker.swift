import LinuxSupport
import SystemPackage

/// Decides when a file is complete enough to be taken: size and times have not changed for as long as configured.
///
/// Pure: the clock is an argument, stamps come from outside. A copy that pauses for longer than that looks complete;
/// its half fails as truncated, and the rest, once it is there, is another file and another job.
struct FileStabilityTracker {
    /// What is to be done about a file.
    enum Verdict: Equatable {
        /// Take it.
        case settled
        /// Look again at this time.
        case wait(until: Double)
    }

    private struct Observation {
        var stamp: FileStamp
        var since: Double
        var due: Double
    }

    private var observations: [FilePath: Observation] = [:]

    /// Notes what a file looks like now.
    ///
    /// - renamed: the file was renamed into place: whoever did that had finished writing.
    /// - settle: for how long it must not have changed, seconds.
    /// - now: seconds of a clock that is never set back.
    mutating func observe(_ path: FilePath, stamp: FileStamp, renamed: Bool, settle: Double, now: Double) -> Verdict {
        if renamed || settle <= 0 {
            observations[path] = nil
            return .settled
        }
        guard let known = observations[path], known.stamp == stamp else {
            observations[path] = Observation(stamp: stamp, since: now, due: now + settle)
            return .wait(until: now + settle)
        }
        let due = known.since + settle
        if now >= due {
            observations[path] = nil
            return .settled
        }
        observations[path]!.due = due
        return .wait(until: due)
    }

    /// Has `due` name the file again, without beginning its wait anew.
    mutating func postpone(_ path: FilePath, stamp: FileStamp, until: Double) {
        observations[path] = Observation(stamp: stamp, since: until, due: until)
    }

    /// Forgets a file that is gone.
    mutating func forget(_ path: FilePath) { observations[path] = nil }

    /// Files whose wait is over at this time, in the order in which they were left alone.
    func due(now: Double) -> [FilePath] {
        observations.filter { $0.value.due <= now }
            .sorted { ($0.value.since, $0.value.stamp.modified) < ($1.value.since, $1.value.stamp.modified) }
            .map(\.key)
    }

    /// When the next wait is over.
    var nextDue: Double? { observations.values.map(\.due).min() }

    /// How many files are being waited for.
    var count: Int { observations.count }
}
