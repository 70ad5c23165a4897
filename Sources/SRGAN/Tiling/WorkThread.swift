import Foundation

/// A named thread for work that computes or blocks, which must not occupy Swift's cooperative pool.
package final class WorkThread: Sendable {
    private let finished = DispatchSemaphore(value: 0)

    /// Starts the work at once.
    package init(name: String, _ work: @escaping @Sendable () -> Void) {
        let thread = Thread { [finished] in
            work()
            finished.signal()
        }
        thread.name = name
        thread.stackSize = 4 << 20
        thread.start()
    }

    /// Waits for the end of the work; to be called once.
    package func join() { finished.wait() }
}
