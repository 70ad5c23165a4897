import LinuxSupport
import SystemPackage

/// Decides when a file has settled, that is, when its size and times have not changed for the configured time. A
/// settled file can be taken.
///
/// The caller passes the current time and the files' stamps; this type reads neither the clock nor the disk. If a
/// program that copies a file into the inbox pauses for longer than the configured time, the incomplete file counts as
/// settled. Its job then fails because the image is truncated, and the complete file becomes another job.
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

    /// Records a file's current stamp, and returns what to do with the file.
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

    /// Sets the time at which the file is examined again. The file counts as settled then if its stamp is still the
    /// same.
    mutating func postpone(_ path: FilePath, stamp: FileStamp, until: Double) {
        observations[path] = Observation(stamp: stamp, since: until, due: until)
    }

    /// Forgets a file that no longer exists.
    mutating func forget(_ path: FilePath) { observations[path] = nil }

    /// The files to examine at this time, sorted by how long each has been unchanged, the longest time first.
    func due(now: Double) -> [FilePath] {
        observations.filter { $0.value.due <= now }
            .sorted { ($0.value.since, $0.value.stamp.modified) < ($1.value.since, $1.value.stamp.modified) }
            .map(\.key)
    }

    /// The time at which the next file must be examined; nil if no file is waiting.
    var nextDue: Double? { observations.values.map(\.due).min() }

    /// How many files have not settled.
    var count: Int { observations.count }
}
