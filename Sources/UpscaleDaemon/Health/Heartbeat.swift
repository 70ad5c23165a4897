import FaultInjection
import LinuxSupport
import Synchronization

/// Shows that a thread makes progress: the thread calls `beat` in each iteration of its loop, and `ServiceHealth`
/// checks the age of the last beat.
final class Heartbeat: Sendable {
    /// The thread's name, for messages.
    let name: String
    private let last: Mutex<Double>

    init(name: String) {
        self.name = name
        last = Mutex(Monotonic.now)
    }

    func beat() {
        FaultPlan.waitWhileFrozen(name)
        last.withLock { $0 = Monotonic.now }
    }

    /// Makes this moment the time of the last beat. Called when the monitoring of the thread begins.
    func reset() { last.withLock { $0 = Monotonic.now } }

    /// Seconds since the last beat.
    func age(now: Double) -> Double { now - last.withLock { $0 } }
}
