import JobQueue
import LinuxSupport
import Logging

/// Tells threads to end, and keeps the error that ends the service.
final class StopSignal: Sendable {
    private struct State {
        var isStopping = false
        var error: String?
    }

    private let state = Monitor(State())
    private let logger: Logger?
    private let endNow: @Sendable (any Error) -> Void

    /// Creates a signal under which threads continue until `stop` or `giveUp` is called.
    ///
    /// - endNow: called after a failed fsync. In the service it ends the process, so that nothing more is written.
    init(logger: Logger? = nil, endNow: @escaping @Sendable (any Error) -> Void = { _ in }) {
        self.logger = logger
        self.endNow = endNow
    }

    /// True when threads must end.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// The message of the error that ends the service; nil if there is none.
    var error: String? { state.withLock { $0.error } }

    /// Makes threads end.
    func stop() { state.change { $0.isStopping = true } }

    /// Ends the service because of an error after which the queue can no longer be trusted. After a failed fsync the
    /// process ends at once: the state on disk is uncertain, a second fsync would report success although data may be
    /// lost, and only a new start can examine the disk.
    func giveUp(_ error: any Error) {
        giveUpIfUncertain(error)
        state.change {
            $0.isStopping = true
            $0.error = $0.error ?? "\(error)"
        }
    }

    /// Ends the process at once after a failed fsync; does nothing for other errors, which the caller handles.
    func giveUpIfUncertain(_ error: any Error) {
        let code = (error as? JobStoreError)?.code
        if (error as? FileError)?.code == .notDurable || code == .inputOutput { endNow(error) }
    }

    /// Calls `write`, which writes to the queue, and repeats the call every second while the disk is full or another
    /// error that will pass (see `StoreTrouble`) prevents the write. It gives up only when the service ends, because
    /// the next start recovers what could not be written.
    ///
    /// - heartbeat: the calling thread's heartbeat; it beats while the thread waits here.
    /// - Throws: an error that will not pass, at once; an error that will pass, only when the service ends.
    func untilStored<Result>(_ heartbeat: Heartbeat?, _ write: () throws -> Result) throws -> Result {
        var isTold = false
        while true {
            do {
                return try write()
            } catch {
                guard case .passing = StoreTrouble(error) else { throw error }
                if !isTold { logger?.error("Cannot write to the queue database; retrying: \(error)") }
                isTold = true
                if wait(seconds: 1) { throw error }
                heartbeat?.beat()
            }
        }
    }

    /// Waits; returns true as soon as threads must end, false after the given time.
    func wait(seconds: Double) -> Bool {
        state.wait(until: Monotonic.now + seconds) { $0.isStopping ? true : nil } ?? false
    }
}
