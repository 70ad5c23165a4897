import CLinux
import Foundation

/// A named thread of our own: what blocks or computes must not occupy Swift's cooperative pool.
final class ServiceThread: Sendable {
    private let ended = Monitor(false)

    /// Starts a thread.
    ///
    /// - name: at most 15 bytes, as `top -H` shows it.
    init(name: String, body: @escaping @Sendable () -> Void) {
        let ended = ended
        let thread = Thread {
            clinux_name_thread(name)
            body()
            ended.change { $0 = true }
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    /// Waits for the thread's end; false when it did not come in time.
    @discardableResult
    func join(timeout seconds: Double) -> Bool {
        ended.wait(until: Monotonic.now + seconds) { $0 ? true : nil } ?? false
    }
}
