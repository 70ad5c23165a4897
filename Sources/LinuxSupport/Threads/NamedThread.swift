import CLinux
import Foundation

/// A thread with a name, for work that blocks or computes.
///
/// Such work must not occupy the thread pool of Swift's concurrency, which has one thread for each core.
public final class NamedThread: Sendable {
    private let ended = Monitor(false)

    /// Starts a thread.
    ///
    /// - name: at most 15 bytes; `top -H` shows it.
    @discardableResult
    public init(name: String, body: @escaping @Sendable () -> Void) {
        let ended = ended
        let thread = Thread {
            clinux_name_thread(name)
            body()
            ended.change { $0 = true }
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    /// Waits for the thread's end; false when it is still running after the timeout.
    @discardableResult
    public func join(timeout seconds: Double = .infinity) -> Bool {
        ended.wait(until: Monotonic.now + seconds) { $0 ? true : nil } ?? false
    }
}
