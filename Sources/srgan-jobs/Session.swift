import DaemonControl
import Foundation
import JobQueue
import SystemPackage
import UpscaleDaemon

/// The queue as one run of the program sees it: reads the database, asks the daemon, or writes itself when none runs.
struct Session {
    let configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    private var state: FilePath { configuration.stateFolder }
    private var client: ControlClient {
        ControlClient(socket: UnixSocketAddress.controlSocket(inState: state))
    }

    /// The queue for reading; nil when no daemon ever ran on the state folder.
    func history() throws -> JobHistory? {
        do {
            return try JobHistory(directory: state)
        } catch let error as JobStoreError where error.code == .noDatabase {
            return nil
        }
    }

    /// The queue for reading, where a command needs one.
    func existingHistory() throws -> JobHistory {
        guard let history = try history() else {
            throw JobStoreError(.noDatabase, "There is no queue in \(state.escaped) yet: srgand has not run there.")
        }
        return history
    }

    /// What the daemon tells of itself; nil when none answers, which no command that reads fails for.
    func status() -> DaemonStatus? {
        guard case .status(let status) = try? client.send(.status, timeout: .seconds(2)) else { return nil }
        return status
    }

    /// Whether a daemon answers, or is too busy to.
    var daemonListens: Bool {
        do throws(ControlError) {
            _ = try client.send(.status, timeout: .seconds(2))
            return true
        } catch {
            return error.code != .notRunning
        }
    }

    /// Has a change made: by the daemon, or with the state folder's lock in hand when no daemon has it.
    ///
    /// - timeout: for the daemon's answer.
    func change(
        _ request: ControlRequest, timeout: Duration = .seconds(10), directly: (SQLiteJobStore) throws -> ControlReply
    ) throws -> ControlReply {
        // A daemon that starts or stops has the lock and no socket, for a moment.
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do throws(ControlError) {
                return try client.send(request, timeout: timeout)
            } catch {
                guard error.code == .notRunning || (error.code == .stopping && ContinuousClock.now < deadline) else {
                    throw error
                }
            }
            guard access(state.string, F_OK) == 0 else {
                throw JobStoreError(
                    .noDatabase, "There is no state folder \(state.escaped) yet: srgand has not run there.")
            }
            do {
                let lock = try StateLock(directory: state, version: ProgramVersion.current)
                defer { withExtendedLifetime(lock) {} }
                let retry = configuration.retry
                let store = try SQLiteJobStore(
                    path: SQLiteJobStore.path(in: state),
                    retryPolicy: RetryPolicy(
                        maxAttempts: retry.maxAttempts, firstDelay: retry.firstDelaySeconds,
                        maxDelay: retry.maxDelaySeconds))
                return try directly(store)
            } catch let error as JobStoreError where error.code == .stateLocked && ContinuousClock.now < deadline {
                usleep(100_000)
            }
        }
    }
}
