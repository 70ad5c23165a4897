import LinuxSupport
import SystemPackage

/// Decides when a file has settled and can be taken: its size and times have not changed for the configured time.
///
/// The caller passes the time and the stamps; this type reads neither the clock nor the disk. A copy into the inbox
/// that pauses for longer than the configured time counts as settled. The job for the incomplete file then fails as
/// truncated, and the complete file becomes another job.
struct FileStabilityTracker {
    /// What to do with a file.
    enum Verdict: Equatable {
        /// Take it.
        case settled
        /// Examine it again at this time.
        case wait(until: Double)
    }

    private struct Observation {
        var stamp: FileStamp
        var since: Double
        var due: Double
    }

    private var observations: [FilePath: Observation] = [:]

    /// Notes a file's present stamp.
    ///
    /// - renamed: true for a file that was renamed into place. Such a file is complete and settled at once.
    /// - settle: seconds for which the file must stay unchanged.
    /// - now: seconds of a monotonic clock.
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

    /// Makes the file due at a later time, at which it counts as settled if its stamp is still the same.
    mutating func postpone(_ path: FilePath, stamp: FileStamp, until: Double) {
        observations[path] = Observation(stamp: stamp, since: until, due: until)
    }

    /// Forgets a file that is gone.
    mutating func forget(_ path: FilePath) { observations[path] = nil }

    /// Files that are due at this time, the one that has been unchanged longest first.
    func due(now: Double) -> [FilePath] {
        observations.filter { $0.value.due <= now }
            .sorted { ($0.value.since, $0.value.stamp.modified) < ($1.value.since, $1.value.stamp.modified) }
            .map(\.key)
    }

    /// When the next file is due.
    var nextDue: Double? { observations.values.map(\.due).min() }

    /// How many files have not settled.
    var count: Int { observations.count }
}
