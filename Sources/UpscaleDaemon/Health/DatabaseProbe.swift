import JobQueue
import LinuxSupport

/// Checks periodically whether the queue can be written. It has its own thread, because a write that hangs on its disk
/// would block its caller.
struct DatabaseProbe: Sendable {
    let store: any JobStore
    let heartbeat: Heartbeat
    /// The interval between two checks, seconds.
    let interval: Double
    let stop: StopSignal

    /// Starts the thread. Errors are not logged here: each component that writes gets them too, and logs what it wanted
    /// to write.
    func start() -> NamedThread {
        NamedThread(name: "database") {
            repeat {
                if (try? store.probe()) != nil { heartbeat.beat() }
            } while !stop.wait(seconds: interval)
        }
    }
}
