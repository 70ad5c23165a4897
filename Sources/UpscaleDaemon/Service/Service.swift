import DaemonControl
import Foundation
import JobQueue
import Logging
import ProgramBasics
import SystemPackage

/// Puts the service together and runs it: lock, migrations, recovery, watch, scan, ready, work, stop.
final class Service {
    private let isDrain: Bool
    private let environment = ProcessInfo.processInfo.environment
    private let live: LiveSettings
    private let level: ServiceLog.Level
    private let logger: Logger
    private let notifier: SystemdNotifier
    private let lock: StateLock
    private let store: SQLiteJobStore
    private let models: ModelCatalog
    private let hints = InboxHints()
    /// Ends what brings in new files.
    private let intakeStop: StopSignal
    /// Ends everything else.
    private let stop: StopSignal
    private let disposer: Disposer
    private let dispatcher: Dispatcher
    private let monitor: InboxMonitor
    private let watcher: InboxWatcher
    private let runner: JobRunner
    private let operations: QueueOperations
    private let health: ServiceHealth
    /// The main thread's.
    private let heartbeat = Heartbeat(name: "main")
    private let startedAt = Date()

    /// Takes the state folder, opens the queue and recovers it.
    ///
    /// - Throws: `DaemonError`, `JobStoreError`.
    init(settings: ServiceSettings, isDrain: Bool) throws {
        let configuration = settings.configuration
        self.isDrain = isDrain
        live = LiveSettings(settings)
        level = ServiceLog.Level(configuration.log.level)
        let logger = ServiceLog.logger(level: level, environment: environment)
        self.logger = logger
        let endNow: @Sendable (any Error) -> Void = { error in
            // Not by way of `exit`: closing the database would make durable what may be lost already.
            logger.critical("srgand gives up at once, the next start looks at what is on the disk: \(error)")
            _exit(75)
        }
        intakeStop = StopSignal(endNow: endNow)
        stop = StopSignal(logger: logger, endNow: endNow)
        notifier = SystemdNotifier(environment: environment)
        let program = try WorkerProgram.find(configuration)
        try ServiceFolders.create(settings)

        let state = configuration.stateFolder
        lock = try StateLock(directory: state, version: ProgramVersion.current)
        let retry = configuration.retry
        store = try SQLiteJobStore(
            path: SQLiteJobStore.path(in: state),
            retryPolicy: RetryPolicy(
                maxAttempts: retry.maxAttempts, firstDelay: retry.firstDelaySeconds, maxDelay: retry.maxDelaySeconds))
        // SQLite does not look at what the sync of a folder says in which it has made its files.
        try DurableFile.syncFolder(state)
        let spool = Spool(stateFolder: state)
        try spool.prepare()
        models = ModelCatalog(stateFolder: state)
        try models.keep(settings.inboxes.map(\.model))
        let intake = Intake(store: store, spool: spool)
        let disposer = Disposer(store: store, settings: live, stop: stop, logger: logger)
        self.disposer = disposer
        let publisher = Publisher(store: store, spool: spool, stop: stop, logger: logger)
        do {
            try ServiceRecovery(
                store: store, settings: settings, spool: spool, publisher: publisher, logger: logger
            ).run()
            try Self.removeOldModels(models, store: store, settings: settings)
        } catch {
            stop.giveUpIfUncertain(error)
            throw error
        }

        let dispatcher = Dispatcher(settings: live, store: store, stop: stop, logger: logger)
        self.dispatcher = dispatcher
        runner = JobRunner(
            store: store, settings: live, intake: intake, models: models, publisher: publisher, disposer: disposer,
            dispatcher: dispatcher, stop: stop, program: program,
            environment: WorkerCommand.environment(from: environment), logger: logger,
            cages: WorkerCageLog(logger: logger))
        let watch = Heartbeat(name: "inbox-watcher")
        let look = Heartbeat(name: "inbox-monitor")
        let health = ServiceHealth(environment: environment)
        self.health = health
        if !isDrain { health.watch(watch) }
        health.watch(look, limit: ServiceHealth.Patience.copying)
        let watcher = InboxWatcher(settings: live, hints: hints, heartbeat: watch, stop: intakeStop, logger: logger)
        self.watcher = watcher
        monitor = InboxMonitor(
            settings: live, hints: hints, intake: intake, publisher: publisher, disposer: disposer,
            dispatcher: dispatcher, heartbeat: look, stop: intakeStop, once: isDrain, logger: logger,
            isPolling: { watcher.isPolling })
        let hints = hints
        operations = QueueOperations(
            store: store, settings: live, intake: intake, models: models, disposer: disposer,
            wake: { dispatcher.wake() }, interrupt: { dispatcher.cancel($0) }, rescan: { hints.rescan() }, stop: stop)
    }

    /// Works until told to stop; returns the exit code.
    func run() -> Int32 {
        do {
            if isDrain, try store.isPaused() {
                logger.error("The queue is paused, so nothing would be done; `srgan-jobs resume` ends that.")
                return 75
            }
            let configuration = live.current.configuration
            let (store, dispatcher, intakeStop, startedAt) = (store, dispatcher, intakeStop, startedAt)
            let (health, watcher) = (health, watcher)
            let (controlBeat, databaseBeat) = (Heartbeat(name: "control"), Heartbeat(name: "database"))
            health.watch(controlBeat)
            health.watch(databaseBeat)
            let control = try ControlServer(
                stateFolder: configuration.stateFolder, mode: configuration.service.controlSocketMode,
                operations: operations, heartbeat: controlBeat, stop: stop, logger: logger,
                status: {
                    DaemonStatus(
                        pid: getpid(), version: ProgramVersion.current, startedAt: startedAt,
                        paused: try store.isPaused(), stopping: intakeStop.isStopping, running: dispatcher.running)
                }, health: { health.report(polling: watcher.isPolling, diskFull: dispatcher.isDiskFull) })
            let probe = DatabaseProbe(
                store: store, heartbeat: databaseBeat, interval: min(5, health.leastPace), stop: stop)
            var threads = [control.start(), probe.start()]
            if !isDrain { threads.append(watcher.start()) }
            threads.append(monitor.start())
            monitor.waitForFirstScan()
            let processes = configuration.workers.resolved(cores: ProcessInfo.processInfo.activeProcessorCount)
                .processes
            let slots = WorkerSlots(count: processes, dispatcher: dispatcher, runner: runner, stop: stop)
            for beat in slots.heartbeats { health.watch(beat, limit: ServiceHealth.Patience.copying) }
            health.watch(heartbeat)
            health.enter(.running)
            notifier.ready("Watching \(configuration.inboxes.count) inbox(es)")
            logger.notice(
                "srgand \(ProgramVersion.current) is ready: \(configuration.inboxes.count) inbox(es), \(processes) worker(s)."
            )
            loop()
            finish(slots, threads)
        } catch {
            stop.giveUp(error)
        }
        if let error = stop.error ?? intakeStop.error {
            logger.critical("srgand gives up: \(error)")
            return 75
        }
        let failed = dispatcher.failed + monitor.unmanageable
        logger.notice("srgand ends: \(dispatcher.completed) job(s) completed, \(failed) failed.")
        return isDrain && failed > 0 ? 2 : 0
    }

    // MARK: - The main thread

    private func loop() {
        var nextMetrics = 0.0
        var nextFeed = 0.0
        var stuck: Set<String> = []
        while stop.error == nil && intakeStop.error == nil {
            switch ServiceSignals.next(within: 0.25) {
            case SIGHUP: reload()
            case .some(let signal):
                logger.notice("Signal \(signal): no more jobs are started.")
                return
            case nil: break
            }
            heartbeat.beat()
            if isDrain, isDrained { return }
            let now = Monotonic.now
            if now >= nextFeed {
                nextFeed = now + min(10, (notifier.watchdogSeconds ?? 20) / 3)
                feedWatchdog(now: now, known: &stuck)
            }
            let metrics = live.current.configuration.metrics
            if now >= nextMetrics, metrics.file != nil {
                nextMetrics = now + metrics.intervalSeconds
                writeMetrics()
            }
        }
    }

    /// Lets what runs finish within the time-out; a second signal, or the time-out, ends it at once.
    private func finish(_ slots: WorkerSlots, _ threads: [ServiceThread]) {
        notifier.stopping()
        health.enter(.stopping)
        intakeStop.stop()
        hints.rescan()
        dispatcher.stopAccepting()
        let isLost = stop.error != nil || intakeStop.error != nil
        var deadline = Monotonic.now + (isLost ? 0 : live.current.configuration.service.stopTimeoutSeconds)
        while !dispatcher.waitUntilIdle(seconds: 0.1) {
            let signal = ServiceSignals.next(within: 0)
            guard signal == SIGTERM || signal == SIGINT || Monotonic.now >= deadline else { continue }
            logger.notice("Running jobs go back into the queue.")
            dispatcher.interruptAll()
            _ = dispatcher.waitUntilIdle(seconds: 10)
            deadline = 0
            break
        }
        stop.stop()
        dispatcher.wake()
        // A slot may be moving an original.
        slots.join(timeout: max(10, deadline - Monotonic.now))
        for thread in threads { thread.join(timeout: 5) }
        if !isLost, live.current.configuration.metrics.file != nil { writeMetrics() }
    }

    /// Whether all that was in the inboxes has been dealt with.
    private var isDrained: Bool {
        guard monitor.isIdle, dispatcher.running.isEmpty, disposer.isIdle else { return false }
        // What cannot be published while nobody works on it would be waited for in vain.
        let waiting = try? store.jobs(states: [.available, .running, .retryable], since: nil, limit: 1)
        return waiting?.isEmpty ?? false
    }

    /// Feeds systemd's watchdog while everything moves; tells once what does not.
    private func feedWatchdog(now: Double, known: inout Set<String>) {
        let stuck = health.stuck(now: now)
        for part in stuck where !known.contains(part.name) {
            logger.error("The service is stalled: \(part.name) has not moved for \(Int(part.seconds)) seconds.")
        }
        if stuck.isEmpty && !known.isEmpty { logger.notice("Everything moves again.") }
        known = Set(stuck.map(\.name))
        guard stuck.isEmpty else { return }
        if notifier.watchdogSeconds != nil { notifier.feedWatchdog() }
        notifier.status(
            "\(dispatcher.running.count) running, \(dispatcher.completed) done, \(dispatcher.failed) failed")
    }

    private func writeMetrics() {
        guard let file = live.current.configuration.metrics.file else { return }
        do {
            let gauges = MetricsText.Gauges(
                now: Date().timeIntervalSince1970, startedAt: startedAt.timeIntervalSince1970,
                health: health.report(polling: watcher.isPolling, diskFull: dispatcher.isDiskFull),
                running: dispatcher.running.count, settling: monitor.waiting, isPaused: try store.isPaused(),
                completed: dispatcher.completed, failed: dispatcher.failed)
            let text = MetricsText(statistics: try store.statistics(now: Date()), gauges: gauges).text
            try MetricsWriter.write(text, to: file)
        } catch {
            stop.giveUpIfUncertain(error)
            logger.warning("The metrics cannot be written: \(error)")
        }
    }

    // MARK: - Reload

    /// Takes a changed configuration over; a bad one changes nothing.
    private func reload() {
        notifier.reloading()
        defer { notifier.ready("Watching \(live.current.inboxes.count) inbox(es)") }
        let old = live.current.configuration
        do {
            let settings = try ServiceSettings.load(path: old.file, environment: environment, judgingModels: true)
            let new = settings.configuration
            guard new.stateFolder == old.stateFolder else {
                logger.error("The configuration was not taken over: state.directory changes only at a restart.")
                return
            }
            if new.workers.processes != old.workers.processes || new.workers.threads != old.workers.threads
                || new.workers.program != old.workers.program || new.retry != old.retry
                || new.service.controlSocketMode != old.service.controlSocketMode
            {
                logger.warning(
                    "[workers] processes, threads and program, [retry] and service.control_socket_mode change at the next restart."
                )
            }
            try ServiceFolders.create(settings)
            try models.keep(settings.inboxes.map(\.model))
            level.set(new.log.level)
            // These are fixed while the service runs; workers must not see half of a change.
            var kept = new
            kept.workers.processes = old.workers.processes
            kept.workers.threads = old.workers.threads
            kept.workers.program = old.workers.program
            kept.retry = old.retry
            live.replace(with: ServiceSettings(configuration: kept, models: settings.inboxes.map(\.model)))
            hints.rescan()
            dispatcher.wake()
            logger.notice("The configuration was read again: \(settings.inboxes.count) inbox(es).")
        } catch let error as DaemonError where !error.mistakes.isEmpty {
            for mistake in error.mistakes { logger.error("\(mistake)") }
            logger.error("The configuration was not taken over; the one before stays in force.")
            if DeliberateFault.endAtBadConfiguration.isOn { stop.giveUp(error) }
        } catch {
            stop.giveUpIfUncertain(error)
            logger.error("The configuration was not taken over: \(error)")
        }
    }

    /// Jobs that are not completed may still need a model that is no longer configured.
    private static func removeOldModels(
        _ models: ModelCatalog, store: SQLiteJobStore, settings: ServiceSettings
    ) throws {
        let open = try store.jobs(states: Set(JobState.allCases).subtracting([.completed]), since: nil, limit: nil)
        models.removeOthers(than: Set(open.map(\.input.modelSHA256)).union(settings.inboxes.map(\.model.sha256)))
    }
}
