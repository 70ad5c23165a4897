import LinuxSupport
import Synchronization

/// Shows that a thread moves: it beats at every turn, and `ServiceHealth` looks at how long ago that was.
final class Heartbeat: Sendable {
    /// The thread, for a message.
    let name: String
    private let last: Mutex<Double>

    init(name: String) {
        self.name = name
        last = Mutex(Monotonic.now)
    }

    func beat() {
        #if DEBUG
            ThreadFreeze.wait(name)
        #endif
        last.withLock { $0 = Monotonic.now }
    }

    /// Counts from now, as somebody else says who begins to look.
    func reset() { last.withLock { $0 = Monotonic.now } }

    /// Seconds since the last beat.
    func age(now: Double) -> Double { now - last.withLock { $0 } }
}
