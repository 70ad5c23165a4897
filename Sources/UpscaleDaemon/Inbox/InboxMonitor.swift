import JobQueue
import LinuxSupport
import Logging
import QueueControl
import ServiceConfiguration
import SystemPackage

/// Scans the inboxes, waits for files to settle and hands them to the intake. Between scans it follows the watcher's
/// hints, and it repeats what earlier jobs could not finish: publications and moves of originals.
///
/// One thread runs it and owns its state; other threads read the `InboxStatus`.
struct InboxMonitor: Sendable {
    let settings: LiveSettings
    let hints: InboxHints
    let intake: Intake
    let recovery: PublishingRecovery
    let disposer: Disposer
    let dispatcher: Dispatcher
    let status: InboxStatus
    let heartbeat: Heartbeat
    let stop: StopSignal
    /// True to scan once and give up on files that cannot be taken.
    let scansOnce: Bool
    let logger: Logger
    /// True while some inbox cannot be watched.
    let isPolling: @Sendable () -> Bool

    var tracker = FileStabilityTracker()
    /// Files that were dealt with, with the stamp that they had; examined again when the stamp changes.
    var done: [FilePath: FileStamp] = [:]
    /// Inboxes whose last scan failed.
    var unreachable: Set<FilePath> = []
    /// Of the settings at the last scan.
    var generation = -1
    /// Time of `Monotonic`.
    var nextScan = 0.0
    /// When a file last had no room for its private copy. The log tells of the first one only.
    var lastWithoutRoom = -Double.infinity
    /// True when originals may have to be moved, or outputs to be published.
    var hasUnfinishedJobs = false

    /// Starts the thread.
    func start() -> NamedThread {
        NamedThread(name: "inbox-monitor") {
            var monitor = self
            monitor.run()
        }
    }

    private mutating func run() {
        scanAll()
        // The service is ready now. Moving an original may be a copy of minutes to another disk.
        status.finishedFirstScan(waiting: tracker.count)
        finishJobs()
        status.becameIdle(waiting: tracker.count)
        while !stop.isStopping {
            heartbeat.beat()
            let deadline = min(nextScan, tracker.nextDue ?? .infinity, Monotonic.now + 1)
            let batch = hints.take(until: deadline)
            status.becameBusy()
            for (path, arrival) in batch.files { examine(path, arrival) }
            for folder in batch.folders { scan(below: folder) }
            for path in tracker.due(now: Monotonic.now) { examine(path, .seen) }
            if batch.rescan || Monotonic.now >= nextScan || generation != settings.generation { scanAll() }
            if hasUnfinishedJobs { finishJobs() }
            status.becameIdle(waiting: tracker.count)
        }
    }

    /// Publishes outputs that could not be published before, and moves originals: those of files that were just
    /// refused, and those that could not be moved before.
    private mutating func finishJobs() {
        hasUnfinishedJobs = false
        do {
            try recovery.finishAll {
                heartbeat.beat()
                return !stop.isStopping
            }
        } catch {
            if case .fatal = StoreTrouble(error) { stop.giveUp(error) }
        }
        for id in disposer.due() {
            if stop.isStopping { return }
            heartbeat.beat()
            disposer.dispose(id) { heartbeat.beat() }
        }
    }
}
