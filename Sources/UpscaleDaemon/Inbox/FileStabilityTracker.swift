import LinuxSupport
import SystemPackage

/// Decides when a file has settled, that is, when its size and times have not changed for the configured time, and
/// remembers what inotify reported about the program that writes the file.
///
/// The caller passes the current time and the files' stamps; this type reads neither the clock nor the disk. A settled
/// file need not be complete: the program may only pause. The caller therefore also checks whether a process has the
/// file open (`InboxMonitor.isReady`).
struct FileStabilityTracker {
    /// What to do with a file.
    enum Verdict: Equatable {
        /// Check whether it is complete, and take it. The caller then calls `forget` or `postpone`.
        case settled
        /// Examine it again at this time.
        case wait(until: Double)
    }

    /// What inotify reported about the program that writes a file.
    enum Writer: Equatable {
        /// Nothing, or the file changed after it was closed.
        case unknown
        /// It created the file and has not closed it since.
        case open
        /// It closed the file or renamed it into place, and the content has not changed since.
        case closed
    }

    /// What is known about a file that was not taken yet. Times are seconds of a monotonic clock.
    struct Observation {
        fileprivate(set) var stamp: FileStamp
        fileprivate(set) var writer: Writer
        /// Since when the file has had this stamp.
        fileprivate(set) var since: Double
        /// When the file must be examined again.
        fileprivate(set) var due: Double
        /// Until when the file is left alone unless it changes or an event arrives.
        fileprivate(set) var postponedUntil = -Double.infinity
        /// Since when the file waits for a process that has it open for writing.
        fileprivate(set) var heldSince: Double?
    }

    /// Seconds for which a file without a close event must at least stay unchanged, even if the configuration asks for
    /// less: the program may be about to write.
    private static let leastSettleSeconds = 1.0

    private var observations: [FilePath: Observation] = [:]

    /// Records a file's current stamp, and returns what to do with the file.
    ///
    /// - arrival: how the file was noticed. A file that was renamed into place is settled at once.
    /// - settle: seconds for which the file must stay unchanged.
    /// - now: seconds of a monotonic clock.
    mutating func observe(
        _ path: FilePath, stamp: FileStamp, arrival: InboxHints.Arrival, settle: Double, now: Double
    ) -> Verdict {
        var file = observations[path] ?? Observation(stamp: stamp, writer: .unknown, since: now, due: now)
        if file.stamp != stamp {
            if file.writer == .closed, !stamp.hasIdentity(of: file.stamp.word) { file.writer = .unknown }
            file.stamp = stamp
            file.since = now
            file.postponedUntil = -Double.infinity
        }
        switch arrival {
        case .seen: break
        case .created: file.writer = .open
        case .closed, .renamed:
            file.writer = .closed
            file.postponedUntil = -Double.infinity
        }
        let least = file.writer == .closed ? 0 : Self.leastSettleSeconds
        file.due = arrival == .renamed ? now : max(file.since + max(settle, least), file.postponedUntil)
        observations[path] = file
        return now >= file.due ? .settled : .wait(until: file.due)
    }

    /// What is known about a file; nil if it is not tracked.
    func observation(of path: FilePath) -> Observation? { observations[path] }

    /// Sets the time at which the file is examined again unless it changes or is closed before.
    mutating func postpone(_ path: FilePath, stamp: FileStamp, until due: Double) {
        var file = observations[path] ?? Observation(stamp: stamp, writer: .unknown, since: due, due: due)
        file.due = due
        file.postponedUntil = due
        observations[path] = file
    }

    /// Notes that a process has the file open for writing; returns since when this is known.
    mutating func hold(_ path: FilePath, now: Double) -> Double {
        let since = observations[path]?.heldSince ?? now
        observations[path]?.heldSince = since
        return since
    }

    /// Forgets what inotify reported about the writers of all files, because events were lost.
    mutating func forgetWriters() {
        for path in observations.keys { observations[path]!.writer = .unknown }
    }

    /// Forgets a file that was taken or no longer exists.
    mutating func forget(_ path: FilePath) { observations[path] = nil }

    /// Forgets all files but these.
    mutating func keepOnly(_ paths: Set<FilePath>) { observations = observations.filter { paths.contains($0.key) } }

    /// The files to examine at this time, sorted by how long each has been unchanged, the longest time first.
    func due(now: Double) -> [FilePath] {
        observations.filter { $0.value.due <= now }
            .sorted { ($0.value.since, $0.value.stamp.modified) < ($1.value.since, $1.value.stamp.modified) }
            .map(\.key)
    }

    /// The time at which the next file must be examined; nil if no file is waiting.
    var nextDue: Double? { observations.values.map(\.due).min() }

    /// How many files are tracked.
    var count: Int { observations.count }
}
