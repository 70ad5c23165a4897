import LinuxSupport

/// The state of the inbox monitor that other threads can read.
final class InboxStatus: Sendable {
    private struct State {
        var hasScanned = false
        var waiting = 0
        var ignored = 0
        var isBusy = false
        var untakenFiles = 0
        var problems = InboxProblems()
    }

    private let state = Monitor(State())

    /// The number of files that were found and not taken yet.
    var waiting: Int { state.withLock { $0.waiting } }

    /// The number of files that stay in the inboxes because they are no images.
    var ignored: Int { state.withLock { $0.ignored } }

    /// The number of files that could not be taken and will not be tried again. It stays 0 unless the monitor scans
    /// only once.
    var untakenFiles: Int { state.withLock { $0.untakenFiles } }

    /// The inboxes and folders that cannot be scanned now.
    var problems: InboxProblems { state.withLock { $0.problems } }

    /// True when every file that was found has been dealt with.
    var isIdle: Bool { state.withLock { $0.hasScanned && !$0.isBusy && $0.waiting == 0 } }

    /// Waits for the end of the first scan, or until `stop`.
    func waitForFirstScan(stop: StopSignal) {
        while !stop.isStopping {
            if state.wait(until: Monotonic.now + 0.5, for: { $0.hasScanned ? true : nil }) == true { return }
        }
    }

    // MARK: - For the monitor's thread

    /// Notes that the first scan is done. The monitor counts as busy, because it next publishes outputs and moves
    /// originals that earlier jobs left behind.
    func finishedFirstScan(waiting: Int) {
        state.change {
            $0.hasScanned = true
            $0.isBusy = true
            $0.waiting = waiting
        }
    }

    /// Notes that an iteration of the monitor's loop begins.
    func becameBusy() { state.change { $0.isBusy = true } }

    /// Notes that an iteration of the monitor's loop has ended.
    ///
    /// - waiting: the number of files that were found and not taken yet.
    /// - ignored: the number of files that stay in the inboxes because they are no images.
    func becameIdle(waiting: Int, ignored: Int) {
        state.change {
            $0.isBusy = false
            $0.waiting = waiting
            $0.ignored = ignored
        }
    }

    /// Replaces the inboxes and folders that cannot be scanned.
    func note(_ problems: InboxProblems) { state.change { $0.problems = problems } }

    /// Counts a file that cannot be taken and will not be tried again.
    func gaveUpFile() { state.change { $0.untakenFiles += 1 } }
}
