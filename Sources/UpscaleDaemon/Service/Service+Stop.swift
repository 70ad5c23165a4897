import Glibc
import LinuxSupport
import Logging
import ServiceConfiguration

/// Stops the service.
extension Service {
    /// Lets running jobs finish within `service.stop_timeout_seconds`. A second signal to stop, or the end of that
    /// time, kills their workers, and the jobs go back into the queue.
    func finish(_ slots: WorkerSlots, _ threads: [NamedThread]) {
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
        // A worker slot may still be moving the original of a job that has ended.
        slots.join(timeout: max(10, deadline - Monotonic.now))
        for thread in threads { thread.join(timeout: 5) }
        if !isLost { writeMetrics() }
    }
}
