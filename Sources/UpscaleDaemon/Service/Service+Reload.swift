import FaultInjection
import JobQueue
import Logging
import ServiceConfiguration

/// Reloads the configuration after SIGHUP.
extension Service {
    /// Reads the configuration again and applies it. An invalid configuration changes nothing.
    func reload() {
        notifier.reloading()
        defer { notifier.ready("Watching \(live.current.inboxes.count) inbox(es)") }
        let old = live.current.configuration
        do {
            let settings = try ServiceSettings.load(path: old.file, environment: environment, judgingModels: true)
            let new = settings.configuration
            guard new.stateFolder == old.stateFolder else {
                logger.error("The new configuration was rejected: state.directory can change only at a restart.")
                return
            }
            if Self.needsRestart(from: old, to: new) {
                logger.warning(
                    "[workers] processes, threads and program, [retry] and service.control_socket_mode: the new values apply after the next restart."
                )
            }
            try ServiceFolders.create(settings, logger: logger)
            try models.keep(settings.inboxes.map(\.model))
            logLevel.set(new.log.level)
            live.replace(
                with: ServiceSettings(
                    configuration: Self.keepingFixed(of: old, in: new), models: settings.inboxes.map(\.model)))
            hints.rescan()
            dispatcher.wake()
            logger.notice("The configuration was reloaded: \(settings.inboxes.count) inbox(es).")
        } catch let error as DaemonError where !error.mistakes.isEmpty {
            for mistake in error.mistakes { logger.error("\(mistake)") }
            logger.error("The new configuration was rejected; the previous one stays in force.")
            if FaultPlan.injects(.endAtBadConfiguration) { stop.giveUp(error) }
        } catch {
            stop.giveUpIfUncertain(error)
            logger.error("The new configuration was rejected: \(error)")
        }
    }

    /// True when a setting differs that must not change while the service runs.
    private static func needsRestart(from old: Configuration, to new: Configuration) -> Bool {
        new.workers.processes != old.workers.processes || new.workers.threads != old.workers.threads
            || new.workers.program != old.workers.program || new.retry != old.retry
            || new.service.controlSocketMode != old.service.controlSocketMode
    }

    /// The new configuration, but with the old values of the settings that must not change while the service runs.
    /// Otherwise the next job would use new values of some of them (such as the threads) together with old values of
    /// others (such as the number of processes).
    private static func keepingFixed(of old: Configuration, in new: Configuration) -> Configuration {
        var kept = new
        kept.workers.processes = old.workers.processes
        kept.workers.threads = old.workers.threads
        kept.workers.program = old.workers.program
        kept.retry = old.retry
        return kept
    }
}
