import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import Logging
import QueueControl
import ServiceConfiguration
import SystemPackage

/// Starts the threads of the service, runs the main loop and computes the exit code.
extension Service {
    /// Runs until a signal, an error or the end of a drain; returns the exit code.
    func run() -> Int32 {
        do {
            if isDrain, try store.isPaused() {
                logger.error("The queue is paused, so nothing would be done; `srgan-jobs resume` ends the pause.")
                return 75
            }
            let threads = try startThreads()
            inboxes.waitForFirstScan(stop: intakeStop)
            let slots = try startSlots()
            loop()
            finish(slots, threads)
        } catch let error as Errno {
            stop.giveUp(DaemonError(.passing, "A thread of the service cannot be started: \(error)."))
        } catch {
            stop.giveUp(error)
        }
        return exitCode()
    }

    /// Starts all threads except the worker slots.
    private func startThreads() throws -> [NamedThread] {
        let control = try controlServer()
        let probe = DatabaseProbe(
            store: store, heartbeat: watched("database"), interval: min(5, health.leastPace), stop: stop,
            logger: logger, keepDays: { [live] in live.current.configuration.events.keepDays })
        health.watch(monitor.heartbeat, limit: ServiceHealth.Patience.copying)
        var threads = [try control.start(), try probe.start()]
        if !isDrain {
            health.watch(watcher.heartbeat)
            threads.append(try watcher.start())
        }
        threads.append(try monitor.start())
        return threads
    }

    private func controlServer() throws -> ControlServer {
        let configuration = live.current.configuration
        let (store, dispatcher, intakeStop, startedAt) = (store, dispatcher, intakeStop, startedAt)
        let (health, watcher, inboxes, stop) = (health, watcher, inboxes, stop)
        return try ControlServer(
            stateFolder: configuration.stateFolder, mode: configuration.service.controlSocketMode,
            operations: operations, heartbeat: watched("control"), stop: stop, logger: logger,
            status: {
                DaemonStatus(
                    pid: getpid(), version: ProgramVersion.current, startedAt: startedAt,
                    paused: try store.isPaused(), stopping: intakeStop.isStopping, running: dispatcher.running)
            },
            health: {
                health.report(
                    polling: watcher.isPolling, diskFull: dispatcher.isDiskFull, ignored: inboxes.ignored,
                    trouble: stop.error ?? intakeStop.error ?? dispatcher.trouble, problems: inboxes.problems)
            })
    }

    /// Starts the worker slots and reports that the service is ready.
    private func startSlots() throws -> WorkerSlots {
        let configuration = live.current.configuration
        let count = configuration.workers.resolved(cores: ProcessInfo.processInfo.activeProcessorCount).processes
        let slots = try WorkerSlots(
            count: count, dispatcher: dispatcher, runner: runner, finisher: finisher, stop: stop)
        for beat in slots.heartbeats { health.watch(beat, limit: ServiceHealth.Patience.copying) }
        health.watch(heartbeat)
        health.enter(.running)
        notifier.ready("Watching \(configuration.inboxes.count) inbox(es)")
        logger.notice(
            "srgand \(ProgramVersion.current) is ready: \(configuration.inboxes.count) inbox(es), \(count) worker(s).")
        return slots
    }

    /// Creates a heartbeat that `health` watches.
    private func watched(_ name: String) -> Heartbeat {
        let heartbeat = Heartbeat(name: name)
        health.watch(heartbeat)
        return heartbeat
    }

    /// The exit code: 75 after an error that ended the service; 2 after a drain in which jobs failed or stayed
    /// unfinished, or files could not be taken; else 0.
    private func exitCode() -> Int32 {
        if let error = stop.error ?? intakeStop.error {
            logger.critical("Exiting because of an error: \(error)")
            salvageQueue()
            return 75
        }
        let failed = dispatcher.failed + inboxes.untakenFiles + (isDrain ? recovery.stuckJobs : 0)
        logger.notice("srgand ends: \(dispatcher.completed) job(s) completed, \(failed) failed.")
        return isDrain && failed > 0 ? 2 : 0
    }

    /// Saves the queue's content if somebody deleted or replaced its files.
    private func salvageQueue() {
        do {
            switch try store.salvage() {
            case .restored(let path):
                logger.critical("The queue is back in \(path.escaped); the next start continues with it.")
            case .saved(let path):
                logger.critical(
                    "The queue as it was until now is saved in \(path.escaped); the next start uses the other file.")
            case .merged(let path): logger.critical("\(path.escaped) is complete; the next start continues with it.")
            case nil: break
            }
        } catch {
            logger.critical("The content of the deleted queue cannot be saved: \(error)")
        }
    }
}
