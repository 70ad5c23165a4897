import JobQueue
import LinuxSupport

/// Asks again and again whether the queue can be written. On a thread of its own, since a write that hangs on its disk would
/// hold whoever asks.
struct DatabaseProbe: Sendable {
    let store: any JobStore
    let heartbeat: Heartbeat
    /// Between two questions, seconds.
    let interval: Double
    let stop: StopSignal

    /// Starts the thread. An error is not told here: whoever wants to write has it too, and says what it was for.
    func start() -> NamedThread {
        NamedThread(name: "database") {
            repeat {
                if (try? store.probe()) != nil { heartbeat.beat() }
            } while !stop.wait(seconds: interval)
        }
    }
}
