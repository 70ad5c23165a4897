import JobQueue
import Logging

/// Tells every thread when to end, and keeps the error that made the service give up.
final class StopSignal: Sendable {
    private struct State {
        var isStopping = false
        var error: String?
    }

    private let state = Monitor(State())
    private let logger: Logger?
    private let endNow: @Sendable (any Error) -> Void

    /// - endNow: called when the disk is uncertain; in the service it ends the process, so that nothing more is written.
    init(logger: Logger? = nil, endNow: @escaping @Sendable (any Error) -> Void = { _ in }) {
        self.logger = logger
        self.endNow = endNow
    }

    /// Whether the service is to end.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// The sentence that made the service give up.
    var error: String? { state.withLock { $0.error } }

    func stop() { state.change { $0.isStopping = true } }

    /// Ends the service because the queue can no longer be trusted. After a failed fsync at once: what is on the disk is
    /// uncertain, a second try would be told of success, and only a new start that looks at the disk can tell.
    func giveUp(_ error: any Error) {
        giveUpIfUncertain(error)
        state.change {
            $0.isStopping = true
            $0.error = $0.error ?? "\(error)"
        }
    }

    /// Ends the service at once after a failed fsync; any other error is the caller's.
    func giveUpIfUncertain(_ error: any Error) {
        let code = (error as? JobStoreError)?.code
        if (error as? DaemonError)?.code == .notDurable || code == .inputOutput { endNow(error) }
    }

    /// Writes to the queue, again and again while the disk is full; gives up only when the service ends, since the next
    /// start recovers what could not be written.
    ///
    /// - heartbeat: the calling thread's, which waits and does not stand still.
    func untilStored<Result>(_ heartbeat: Heartbeat?, _ write: () throws -> Result) throws -> Result {
        var isTold = false
        while true {
            do {
                return try write()
            } catch {
                guard case .passing = StoreTrouble(error) else { throw error }
                if !isTold { logger?.error("The queue cannot be written yet, which is tried again: \(error)") }
                isTold = true
                if wait(seconds: 1) { throw error }
                heartbeat?.beat()
            }
        }
    }

    /// Waits until the service is to end; true then.
    func wait(seconds: Double) -> Bool {
        state.wait(until: Monotonic.now + seconds) { $0.isStopping ? true : nil } ?? false
    }
}
