import Foundation
import JobQueue
import LinuxSupport
import Logging
import QueueControl
import ServiceConfiguration
import ServiceSupport
import SystemPackage

/// The service: locks the state folder, recovers the queue, then watches the inboxes, runs jobs and stops. This class
/// creates all parts of the service, and gives each part only what it needs.
final class Service {
    let isDrain: Bool
    let environment = ProcessInfo.processInfo.environment
    let startedAt = Date()

    let live: LiveSettings
    let logLevel: ServiceLog.Level
    let logger: Logger
    let notifier: SystemdNotifier
    let health: ServiceHealth
    /// The main thread's heartbeat.
    let heartbeat = Heartbeat(name: "main")
    /// Ends the threads that bring in new files: the inbox watcher and the inbox monitor.
    let intakeStop: StopSignal
    /// Ends all other threads.
    let stop: StopSignal

    let lock: StateLock
    let store: SQLiteJobStore
    let models: ModelCatalog
    let disposer: Disposer
    let dispatcher: Dispatcher
    let runner: JobRunner
    let finisher: JobFinisher
    let recovery: PublishingRecovery
    let hints: InboxHints
    let inboxes: InboxStatus
    let watcher: InboxWatcher
    let monitor: InboxMonitor
    let operations: QueueOperations

    /// Locks the state folder, opens the queue and recovers it.
    ///
    /// - isDrain: true to process the files that are in the inboxes now, and then to end.
    /// - Throws: `DaemonError`, `JobStoreError`.
    init(settings: ServiceSettings, isDrain: Bool) throws {
        self.isDrain = isDrain
        let state = settings.configuration.stateFolder

        // The process: log, signals to stop, health.
        live = LiveSettings(settings)
        logLevel = ServiceLog.Level(settings.configuration.log.level)
        logger = ServiceLog.logger("srgand", level: logLevel, environment: environment)
        (intakeStop, stop) = Self.stopSignals(logger)
        notifier = SystemdNotifier(environment: environment)
        health = ServiceHealth()

        // The state folder: lock, queue, private copies, models.
        let program = try WorkerProgram.find(settings.configuration)
        try ServiceFolders.create(settings, logger: logger)
        lock = try StateLock(directory: state, version: ProgramVersion.current)
        store = try SQLiteJobStore(settings.configuration)
        // SQLite creates its files in this folder but ignores a failed sync of the folder, so the service syncs it too.
        try DurableFile.syncFolder(state)
        let spool = Spool(stateFolder: state)
        try spool.prepare()
        models = ModelCatalog(stateFolder: state)
        try models.keep(settings.inboxes.map(\.model))

        // Jobs, from the queue to their end.
        let intake = Intake(store: store, spool: spool)
        let publisher = Publisher(store: store, settings: live, stop: stop)
        disposer = Disposer(
            store: store, spool: spool, settings: live, logger: logger, endIfUncertain: stop.giveUpIfUncertain)
        dispatcher = Dispatcher(settings: live, store: store, stop: stop, logger: logger)
        finisher = JobFinisher(
            store: store, publisher: publisher, disposer: disposer, dispatcher: dispatcher, stop: stop, logger: logger)
        recovery = PublishingRecovery(
            store: store, settings: live, publisher: publisher, finisher: finisher, dispatcher: dispatcher,
            logger: logger)
        runner = JobRunner(
            settings: live, intake: intake, models: models, reuse: OutputReuse(store: store, settings: live),
            dispatcher: dispatcher,
            observer: WorkerObserver(dispatcher: dispatcher, sandboxLog: SandboxLog(logger: logger), logger: logger),
            program: program, environment: WorkerCommand.environment(from: environment))

        // Inboxes.
        hints = InboxHints()
        inboxes = InboxStatus()
        let watcher = InboxWatcher(
            settings: live, hints: hints, heartbeat: Heartbeat(name: "inbox-watcher"), stop: intakeStop, logger: logger)
        self.watcher = watcher
        monitor = InboxMonitor(
            settings: live, hints: hints, intake: intake, recovery: recovery, disposer: disposer,
            dispatcher: dispatcher, status: inboxes, heartbeat: Heartbeat(name: "inbox-monitor"), stop: intakeStop,
            scansOnce: isDrain, logger: logger, isPolling: { watcher.isPolling },
            failedOriginals: FailedOriginals(store: store, settings: live, disposer: disposer, logger: logger))

        // People's requests.
        operations = QueueOperations(
            store: store, settings: live, intake: intake, models: models, disposer: disposer,
            daemon: DaemonHooks(
                wake: dispatcher.wake, interrupt: dispatcher.cancel, rescan: hints.rescan,
                endIfUncertain: stop.giveUpIfUncertain))

        try recover(settings, spool: spool)
    }

    /// Creates the `StopSignal` of the inbox threads and the `StopSignal` of all other threads. After a failed fsync,
    /// each of these two signals ends the process at once.
    private static func stopSignals(_ logger: Logger) -> (intake: StopSignal, all: StopSignal) {
        let endNow: @Sendable (any Error) -> Void = { error in
            logger.critical("Exiting: the state on disk is uncertain; the next start checks it: \(error)")
            // Call `_exit`, not `exit`: `exit` would close the database, and closing would make data durable although a
            // part of it may be lost already.
            _exit(75)
        }
        return (StopSignal(endNow: endNow), StopSignal(logger: logger, endNow: endNow))
    }

    /// Recovers the jobs and files that a killed daemon left, and removes the copies of models that neither a job nor
    /// an inbox needs.
    private func recover(_ settings: ServiceSettings, spool: Spool) throws {
        do {
            try ServiceRecovery(
                store: store, settings: settings, spool: spool, publishing: recovery, logger: logger
            ).run()
            // Jobs that are not completed may need a model that is no longer configured.
            let states = Set(JobState.allCases).subtracting([.completed])
            let open = try store.jobs(states: states, since: nil, limit: nil)
            try models.removeOthers(
                than: Set(open.map(\.input.modelSHA256)).union(settings.inboxes.map(\.model.sha256)))
        } catch {
            stop.giveUpIfUncertain(error)
            throw error
        }
    }
}
