import Synchronization

/// Shows that a thread moves: it beats at every turn, and the watchdog is fed only while all do.
final class Heartbeat: Sendable {
    /// The thread, for a message.
    let name: String
    private let last: Mutex<Double>

    init(name: String) {
        self.name = name
        last = Mutex(Monotonic.now)
    }

    func beat() { last.withLock { $0 = Monotonic.now } }

    /// Seconds since the last beat.
    func age(now: Double) -> Double { now - last.withLock { $0 } }
}
