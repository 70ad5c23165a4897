import JobQueue
import LinuxSupport
import Logging
import QueueControl
import ServiceConfiguration
import SystemPackage

/// Scans the inboxes, waits for files to settle and hands them to the intake. Between scans it examines the files and
/// folders that the watcher's hints name. It also tries again to publish outputs and to move originals if an earlier
/// try failed.
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
    /// True to scan only once, and then to give up on files that cannot be taken.
    let scansOnce: Bool
    let logger: Logger
    /// True while some inbox cannot be watched.
    let isPolling: @Sendable () -> Bool

    /// Returns failed originals that changed to their inboxes.
    var failedOriginals: FailedOriginals
    var tracker = FileStabilityTracker()
    /// Finds processes that have a file open for writing.
    var openFiles = OpenFiles()
    /// The files that are no images and stay in their inboxes.
    var ignored: Set<FilePath> = []
    /// Files that need no more work, each with the stamp that it had when it was last examined. A file is examined
    /// again when its stamp changes.
    var done: [FilePath: FileStamp] = [:]
    /// What could not be scanned at the last scan.
    var problems = InboxProblems()
    /// The value of `LiveSettings.generation` at the last scan.
    var generation = -1
    /// The time of the next scan (on the clock `Monotonic`).
    var nextScan = 0.0
    /// The last time (on the clock `Monotonic`) at which the disk had no room for a file's private copy. The log
    /// reports only the first of several such files.
    var lastWithoutRoom = -Double.infinity
    /// True when originals may have to be moved, or outputs to be published.
    var hasUnfinishedJobs = false

    /// Starts the thread.
    ///
    /// - Throws: `Errno` if the thread cannot be started.
    func start() throws(Errno) -> NamedThread {
        try NamedThread(name: "inbox-monitor") {
            var monitor = self
            monitor.run()
        }
    }

    private mutating func run() {
        scanAll()
        // Report the end of the scan before `finishJobs`, which may copy originals to another disk for minutes: the
        // service becomes ready only after this report.
        status.finishedFirstScan(waiting: tracker.count)
        finishJobs()
        status.becameIdle(waiting: waiting, ignored: ignored.count)
        while !stop.isStopping {
            heartbeat.beat()
            let nextDue = min(tracker.nextDue ?? .infinity, failedOriginals.nextDue ?? .infinity)
            let batch = hints.take(until: min(nextScan, nextDue, Monotonic.now + 1))
            status.becameBusy()
            if batch.rescan { tracker.forgetWriters() }
            for (path, arrival) in batch.files { examine(path, arrival) }
            for folder in batch.folders { scan(below: folder) }
            for path in tracker.due(now: Monotonic.now) { examine(path, .seen) }
            if batch.rescan || Monotonic.now >= nextScan || generation != settings.generation { scanAll() }
            if hasUnfinishedJobs { finishJobs() }
            if failedOriginals.nextDue ?? .infinity <= Monotonic.now { returnFailedOriginals() }
            status.becameIdle(waiting: waiting, ignored: ignored.count)
        }
    }

    /// How many files were found and not dealt with yet.
    private var waiting: Int { tracker.count + failedOriginals.count }

    /// Takes the failed originals that changed and have gone back to their inboxes.
    private mutating func returnFailedOriginals() {
        for path in failedOriginals.returnChanged(onProgress: heartbeat.beat) { examine(path, .renamed) }
    }

    /// Publishes outputs that could not be published before, and moves originals: those of files that were just
    /// refused, those that could not be moved before, and failed ones that changed.
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
        returnFailedOriginals()
    }
}
