import LinuxSupport
import Logging

/// The threads that do jobs, one at a time each. A slot's thread starts its workers and outlives them.
final class WorkerSlots: Sendable {
    private let threads: [NamedThread]
    /// One for each slot; a slot that waits or watches its worker beats all the time.
    let heartbeats: [Heartbeat]

    init(count: Int, dispatcher: Dispatcher, runner: JobRunner, stop: StopSignal) {
        let heartbeats = (1...count).map { Heartbeat(name: "worker-slot-\($0)") }
        self.heartbeats = heartbeats
        threads = heartbeats.enumerated().map { index, heartbeat in
            NamedThread(name: "worker-slot-\(index + 1)") {
                while !stop.isStopping {
                    heartbeat.beat()
                    if let job = dispatcher.nextJob() { runner.run(job, heartbeat: heartbeat) }
                }
            }
        }
    }

    /// Waits for the ends of all threads.
    func join(timeout seconds: Double) {
        let deadline = Monotonic.now + seconds
        for thread in threads { thread.join(timeout: max(0, deadline - Monotonic.now)) }
    }
}
