import CKernels
import Foundation
import Synchronization

/// A lock with a condition whose waiting threads spin for a while before they sleep.
///
/// Layers and training steps take between a tenth of a millisecond and some milliseconds, and putting a thread to sleep
/// and waking it takes up to a tenth of a millisecond.
final class SpinningCondition: Sendable {
    /// The number of spins before a thread sleeps: about 50 microseconds.
    private static let maximumSpins = 1000

    private let condition = NSCondition()
    /// Counts the calls of `signal`. It changes while the condition is locked, and waiting threads read it without the
    /// lock.
    private let signals = Atomic<Int>(0)

    func lock() { condition.lock() }
    func unlock() { condition.unlock() }

    /// Wakes all waiting threads; call with the condition locked.
    func signal() {
        signals.add(1, ordering: .relaxed)
        condition.broadcast()
    }

    /// Waits for the next signal; call with the condition locked.
    func wait() {
        let seen = signals.load(ordering: .relaxed)
        condition.unlock()
        var spins = 0
        while spins < Self.maximumSpins, signals.load(ordering: .relaxed) == seen {
            ck_pause()
            spins += 1
        }
        condition.lock()
        if signals.load(ordering: .relaxed) == seen { condition.wait() }
    }
}
