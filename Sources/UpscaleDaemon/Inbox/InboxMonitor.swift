import Foundation
import JobQueue
import LinuxSupport
import Logging
import Synchronization
import SystemPackage

/// Looks through the inboxes, waits for files to settle and hands them to the intake. One thread.
final class InboxMonitor: Sendable {
    /// What the thread tells the others.
    private struct Shared {
        var hasScanned = false
        var waiting = 0
        var isBusy = false
        var unmanageable = 0
    }

    /// How often inboxes are scanned that cannot be watched, seconds.
    private static let pollSeconds = 5.0
    /// How long a file must not have changed that nobody is known to have closed, seconds.
    private static let leastSettleSeconds = 1.0
    /// After how long without such a file the log tells again of one that finds no room.
    private static let quietSeconds = 600.0
    /// How soon a file is looked at again that could not be taken, seconds.
    private static let postponeSeconds = 10.0

    private let settings: LiveSettings
    private let hints: InboxHints
    private let intake: Intake
    private let publisher: Publisher
    private let disposer: Disposer
    private let dispatcher: Dispatcher
    private let heartbeat: Heartbeat
    private let stop: StopSignal
    private let isPolling: @Sendable () -> Bool
    /// Scan once, and give up what cannot be taken.
    private let once: Bool
    private let logger: Logger
    private let shared = Monitor(Shared())

    init(
        settings: LiveSettings, hints: InboxHints, intake: Intake, publisher: Publisher, disposer: Disposer,
        dispatcher: Dispatcher,
        heartbeat: Heartbeat, stop: StopSignal, once: Bool, logger: Logger, isPolling: @escaping @Sendable () -> Bool
    ) {
        self.settings = settings
        self.hints = hints
        self.intake = intake
        self.publisher = publisher
        self.disposer = disposer
        self.dispatcher = dispatcher
        self.heartbeat = heartbeat
        self.stop = stop
        self.once = once
        self.logger = logger
        self.isPolling = isPolling
    }

    /// Files that are seen but not yet taken.
    var waiting: Int { shared.withLock { $0.waiting } }

    /// Files that could not be taken, when scanning once.
    var unmanageable: Int { shared.withLock { $0.unmanageable } }

    /// Whether everything that was there has been taken.
    var isIdle: Bool { shared.withLock { $0.hasScanned && !$0.isBusy && $0.waiting == 0 } }

    /// Starts the thread.
    func start() -> NamedThread {
        NamedThread(name: "inbox-monitor") { [self] in
            var loop = Loop(monitor: self)
            loop.run()
        }
    }

    /// Waits for the end of the first scan.
    func waitForFirstScan() {
        while !stop.isStopping {
            if shared.wait(until: Monotonic.now + 0.5, for: { $0.hasScanned ? true : nil }) == true { return }
        }
    }

    /// What the thread owns.
    private struct Loop {
        let monitor: InboxMonitor
        private var tracker = FileStabilityTracker()
        /// Files that need no further look as long as they have this stamp.
        private var done: [FilePath: FileStamp] = [:]
        private var unreachable: Set<FilePath> = []
        private var generation = -1
        private var nextScan = 0.0
        /// When a file last found no room for its private copy; the log tells of the first one only.
        private var lastWithoutRoom = -Double.infinity
        /// Whether originals may have to be moved.
        private var isOwing = false
        /// Jobs that the log has told of.
        private var halfPublished: Set<Int64> = []

        init(monitor: InboxMonitor) {
            self.monitor = monitor
        }

        mutating func run() {
            scanAll()
            monitor.shared.change {
                $0.hasScanned = true
                $0.isBusy = true
                $0.waiting = tracker.count
            }
            disposeOwed()
            monitor.shared.change { $0.isBusy = false }
            while !monitor.stop.isStopping {
                monitor.heartbeat.beat()
                let deadline = min(nextScan, tracker.nextDue ?? .infinity, Monotonic.now + 1)
                let batch = monitor.hints.take(until: deadline)
                monitor.shared.change { $0.isBusy = true }
                for (path, arrival) in batch.files { look(at: path, arrival) }
                for folder in batch.folders { look(below: folder) }
                for path in tracker.due(now: Monotonic.now) { look(at: path, .seen) }
                if batch.rescan || Monotonic.now >= nextScan || generation != monitor.settings.generation { scanAll() }
                if isOwing { disposeOwed() }
                monitor.shared.change {
                    $0.isBusy = false
                    $0.waiting = tracker.count
                }
            }
        }

        private mutating func scanAll() {
            let settings = monitor.settings.current
            generation = monitor.settings.generation
            for inbox in settings.inboxes {
                let scanner = InboxScanner(inbox.configuration)
                let result: InboxScanner.Result
                do {
                    result = try scanner.scan { monitor.heartbeat.beat() }
                } catch {
                    if unreachable.insert(inbox.configuration.path).inserted { monitor.logger.error("\(error)") }
                    continue
                }
                if unreachable.remove(inbox.configuration.path) != nil {
                    monitor.logger.notice("The inbox \(inbox.configuration.path.escaped) can be read again.")
                }
                let present = Set(result.entries.map(\.path))
                for path in done.keys where path.starts(with: inbox.configuration.path) && !present.contains(path) {
                    done[path] = nil
                    tracker.forget(path)
                }
                for entry in result.entries {
                    if monitor.stop.isStopping { return }
                    monitor.heartbeat.beat()
                    consider(entry, .seen, scanner: scanner, inbox: inbox)
                }
            }
            if monitor.once {
                nextScan = .infinity
            } else {
                let rescan = settings.configuration.service.rescanSeconds
                nextScan = Monotonic.now + (monitor.isPolling() ? min(rescan, InboxMonitor.pollSeconds) : rescan)
            }
            isOwing = true
        }

        /// Publishes what could not be published before, and moves the originals of files that were refused just now and those
        /// that could not be moved before.
        private mutating func disposeOwed() {
            isOwing = false
            finishPublishing()
            for id in monitor.disposer.due() {
                if monitor.stop.isStopping { return }
                monitor.heartbeat.beat()
                monitor.disposer.dispose(id) { monitor.heartbeat.beat() }
            }
        }

        /// Publishes what a start, or a slot, had to leave half published: its outbox did not answer, or was read-only.
        private mutating func finishPublishing() {
            do {
                for job in try monitor.intake.store.jobs(states: [.publishing], since: nil, limit: nil) {
                    guard let claim = job.claim, !monitor.dispatcher.isRunning(claim) else { continue }
                    if monitor.stop.isStopping { return }
                    monitor.heartbeat.beat()
                    try finishPublishing(job)
                }
            } catch {
                if case .fatal = StoreTrouble(error) { monitor.stop.giveUp(error) }
            }
        }

        private mutating func finishPublishing(_ job: Job) throws {
            do {
                try monitor.publisher.recover(job)
                halfPublished.remove(job.id)
                monitor.dispatcher.wake()
            } catch let error as JobStoreError where error.code != .contradiction {
                // Among them a slot that has finished it since.
                throw error
            } catch {
                monitor.stop.giveUpIfUncertain(error)
                guard halfPublished.insert(job.id).inserted else { return }
                if monitor.once { monitor.shared.change { $0.unmanageable += 1 } }
                monitor.logger.error(
                    "Job \(job.id): its output cannot be published yet, which is tried again: \(error)")
            }
        }

        private mutating func look(below folder: FilePath) {
            for inbox in monitor.settings.current.inboxes where folder.starts(with: inbox.configuration.path) {
                let scanner = InboxScanner(inbox.configuration)
                let found = try? scanner.scan(below: folder) { monitor.heartbeat.beat() }
                for entry in found?.entries ?? [] {
                    if monitor.stop.isStopping { return }
                    monitor.heartbeat.beat()
                    consider(entry, .seen, scanner: scanner, inbox: inbox)
                }
            }
        }

        private mutating func look(at path: FilePath, _ arrival: InboxHints.Arrival) {
            guard !monitor.stop.isStopping else { return }
            monitor.heartbeat.beat()
            let owner = monitor.settings.current.inboxes
                .filter { path.starts(with: $0.configuration.path) }
                .max { $0.configuration.path.length < $1.configuration.path.length }
            guard let owner else {
                tracker.forget(path)
                return
            }
            let scanner = InboxScanner(owner.configuration)
            guard let entry = scanner.entry(at: path) else {
                tracker.forget(path)
                done[path] = nil
                return
            }
            consider(entry, arrival, scanner: scanner, inbox: owner)
        }

        private mutating func consider(
            _ entry: InboxScanner.Entry, _ arrival: InboxHints.Arrival, scanner: InboxScanner,
            inbox: ServiceSettings.Inbox
        ) {
            if done[entry.path] == entry.stamp { return }
            let now = Monotonic.now
            let configured = inbox.configuration.settleSeconds
            // A file that was only seen may be in the middle of being written, even where people do not want to wait.
            let settle = arrival == .seen ? max(configured, InboxMonitor.leastSettleSeconds) : configured
            if entry.isRegular {
                let verdict = tracker.observe(
                    entry.path, stamp: entry.stamp, renamed: arrival == .renamed, settle: settle, now: now)
                guard verdict == .settled else { return }
            }
            do {
                let outcome = try monitor.intake.take(
                    entry, scanner: scanner, inbox: inbox, configuration: monitor.settings.current.configuration,
                    now: Date())
                note(outcome, of: entry, settle: settle)
            } catch {
                switch StoreTrouble(error) {
                case .fatal: monitor.stop.giveUp(error)
                case .passing, .lostClaim, .mistake: note(.postponed("\(error)"), of: entry, settle: settle)
                }
            }
        }

        private mutating func note(_ outcome: Intake.Outcome, of entry: InboxScanner.Entry, settle: Double) {
            let name = entry.path.escaped
            switch outcome {
            case .created(let job):
                done[entry.path] = entry.stamp
                monitor.logger.info("Job \(job.id): \(name) was taken.")
                monitor.dispatcher.wake()
            case .alreadyQueued(let job):
                done[entry.path] = entry.stamp
                monitor.logger.info("Job \(job.id): \(name) has the bytes that this job has already.")
            case .alreadyTaken:
                done[entry.path] = entry.stamp
            case .owed(let job):
                // As a rule that takes a moment.
                isOwing = true
                let why = "job \(job.id) has the same bytes, and its original cannot be moved."
                note(monitor.disposer.isTroubled(job.id) ? .postponed(why) : .unstable, of: entry, settle: settle)
            case .rejected(let job):
                done[entry.path] = entry.stamp
                monitor.logger.warning(
                    "Job \(job.id): \(name) failed, \(job.reason?.rawValue ?? ""): \(job.message ?? "")")
                monitor.dispatcher.countFailure()
                isOwing = true
            case .unstable:
                tracker.postpone(entry.path, stamp: entry.stamp, until: Monotonic.now + max(settle, 0.5))
            case .gone:
                tracker.forget(entry.path)
            case .noRoom:
                let room = 2 * monitor.settings.current.configuration.limits.minFreeSpace / 1_000_000
                if Monotonic.now - lastWithoutRoom > InboxMonitor.quietSeconds {
                    monitor.logger.error(
                        "\(name) waits: its private copy would leave the state folder less than \(room) MB (twice limits.min_free_space_mb)."
                    )
                }
                lastWithoutRoom = Monotonic.now
                monitor.dispatcher.noteRefusedCopy()
                tracker.postpone(
                    entry.path, stamp: entry.stamp, until: Monotonic.now + InboxMonitor.postponeSeconds)
            case .postponed(let why):
                monitor.logger.warning("\(name) cannot be taken yet: \(why)")
                if monitor.once {
                    monitor.shared.change { $0.unmanageable += 1 }
                } else {
                    tracker.postpone(
                        entry.path, stamp: entry.stamp, until: Monotonic.now + InboxMonitor.postponeSeconds)
                }
            }
        }
    }
}
