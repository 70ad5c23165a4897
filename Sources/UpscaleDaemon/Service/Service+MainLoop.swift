import Foundation
import Glibc
import JobQueue
import LinuxSupport
import Logging
import QueueControl
import ServiceConfiguration

/// The loop of the main thread while the service runs.
extension Service {
    /// Handles signals, feeds the watchdog and writes the metrics. Returns after a signal to stop, after an error, or
    /// when a drain has processed all files of the inboxes.
    func loop() {
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

    /// Writes the metrics file, if one is configured.
    func writeMetrics() {
        guard let file = live.current.configuration.metrics.file else { return }
        do {
            let gauges = MetricsText.Gauges(
                now: Date().timeIntervalSince1970, startedAt: startedAt.timeIntervalSince1970,
                health: health.report(
                    polling: watcher.isPolling, diskFull: dispatcher.isDiskFull, ignored: inboxes.ignored,
                    trouble: dispatcher.trouble, problems: inboxes.problems),
                running: dispatcher.running.count, settling: inboxes.waiting, isPaused: try store.isPaused(),
                completed: dispatcher.completed, failed: dispatcher.failed)
            let text = MetricsText(statistics: try store.statistics(now: Date()), gauges: gauges).text
            try MetricsWriter.write(text, to: file)
        } catch {
            stop.giveUpIfUncertain(error)
            logger.warning("Cannot write the metrics: \(error)")
        }
    }

    /// True when all files in the inboxes have been dealt with, so that a drain can end.
    private var isDrained: Bool {
        guard inboxes.isIdle, dispatcher.running.isEmpty, disposer.isIdle else { return false }
        // Do not wait for jobs in state `publishing`. No worker slot has a job at this point, so an earlier try to
        // publish these jobs' outputs failed, for example because an outbox cannot be reached.
        let waiting = try? store.jobs(states: [.available, .running, .retryable], since: nil, limit: 1)
        return waiting?.isEmpty ?? false
    }

    /// Feeds systemd's watchdog while no thread is stuck; logs each stuck thread once.
    private func feedWatchdog(now: Double, known: inout Set<String>) {
        let stuck = health.stuck(now: now)
        for part in stuck where !known.contains(part.name) {
            logger.error("The service is stalled: \(part.name) has made no progress for \(Int(part.seconds)) seconds.")
        }
        if stuck.isEmpty && !known.isEmpty { logger.notice("The service is no longer stalled.") }
        known = Set(stuck.map(\.name))
        guard stuck.isEmpty else { return }
        if notifier.watchdogSeconds != nil { notifier.feedWatchdog() }
        notifier.status(
            "\(dispatcher.running.count) running, \(dispatcher.completed) done, \(dispatcher.failed) failed")
    }
}
