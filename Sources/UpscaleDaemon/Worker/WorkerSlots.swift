import LinuxSupport
import Logging

/// The worker slots: threads that run jobs, one job at a time each. A slot's thread starts the worker process of each
/// of its jobs, and lives longer than that process.
final class WorkerSlots: Sendable {
    private let threads: [NamedThread]
    /// One heartbeat for each slot. A slot also beats while it waits for a job or for its worker.
    let heartbeats: [Heartbeat]

    /// Starts the threads.
    ///
    /// - Throws: `Errno` if a thread cannot be started. The caller must then stop the service.
    init(count: Int, dispatcher: Dispatcher, runner: JobRunner, finisher: JobFinisher, stop: StopSignal) throws {
        let heartbeats = (1...count).map { Heartbeat(name: "worker-slot-\($0)") }
        self.heartbeats = heartbeats
        threads = try heartbeats.enumerated().map { index, heartbeat in
            try NamedThread(name: "worker-slot-\(index + 1)") {
                while !stop.isStopping {
                    heartbeat.beat()
                    guard let job = dispatcher.nextJob(), let claim = job.claim else { continue }
                    let attempt = Result { try runner.run(job, claim: claim, heartbeat: heartbeat) }
                    finisher.finish(job, claim: claim, after: attempt, heartbeat: heartbeat)
                }
            }
        }
    }

    /// Waits until all threads have ended, but not longer than the given time.
    func join(timeout seconds: Double) {
        let deadline = Monotonic.now + seconds
        for thread in threads { thread.join(timeout: max(0, deadline - Monotonic.now)) }
    }
}
