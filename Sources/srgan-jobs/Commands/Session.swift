import DaemonControl
import Foundation
import JobQueue
import ProgramBasics
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

    /// What the daemon tells of itself. No command that reads fails for want of one.
    func daemon() -> DaemonPresence {
        do throws(ControlError) {
            guard case .status(let status) = try client.send(.status, timeout: .seconds(2)) else { return .silent }
            return .present(status)
        } catch {
            return error.code == .notRunning ? .absent : .silent
        }
    }

    /// Whether the daemon is live, ready or stalled.
    func health() throws -> HealthFinding {
        do throws(ControlError) {
            guard case .health(let health) = try client.send(.health, timeout: .seconds(5)) else {
                throw ControlError(.malformed, "The daemon gave an answer to another question.")
            }
            return .told(health)
        } catch {
            let holder = StateLock.liveHolder(of: state)
            switch error.code {
            case .notRunning: return holder.map { .notListening(pid: $0.pid) } ?? .notRunning
            case .timedOut, .disconnected: return holder.map { .silent(pid: $0.pid) } ?? .notRunning
            default: throw error
            }
        }
    }

    /// Copies the database.
    func backUp(to file: FilePath, replacing: Bool) throws -> QueueBackup.Summary {
        try requireState()
        return try QueueBackup.write(of: state, to: file, replacing: replacing)
    }

    /// Has a change made: by the daemon, or with the state folder's lock in hand when no daemon has it.
    ///
    /// - timeout: for the daemon's answer.
    func change(_ request: ControlRequest, timeout: Duration = .seconds(10)) throws -> ControlReply {
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
            try requireState()
            do {
                let lock = try StateLock(directory: state, version: ProgramVersion.current)
                defer { withExtendedLifetime(lock) {} }
                return try perform(request)
            } catch let error as JobStoreError where error.code == .stateLocked && ContinuousClock.now < deadline {
                usleep(100_000)
            }
        }
    }

    private func requireState() throws {
        guard access(state.string, F_OK) == 0 else {
            throw JobStoreError(
                .noDatabase, "There is no state folder \(state.escaped) yet: srgand has not run there.")
        }
    }

    /// Makes a change without a daemon; the caller has the lock.
    private func perform(_ request: ControlRequest) throws -> ControlReply {
        let store = try SQLiteJobStore(configuration)
        // What touches no file works without the models, too.
        switch request {
        case .pause: try store.setPaused(true, now: Date())
        case .resume: try store.setPaused(false, now: Date())
        case .prune(let date): return .pruned(try QueueOperations.prune(store, finishedBefore: date))
        default:
            let operations = try QueueOperations(
                configuration: configuration.file, store: store, logger: ConsoleLog.logger)
            let reply = operations.perform(request)
            if case .failure(let error) = reply { throw error }
            return reply
        }
        return .done
    }
}

/// Whether there is a daemon, and what it tells.
enum DaemonPresence {
    /// Nobody listens.
    case absent
    /// Somebody does, and is too busy to answer or may not be asked by this user.
    case silent
    case present(DaemonStatus)

    /// What it told.
    var status: DaemonStatus? {
        if case .present(let status) = self { status } else { nil }
    }

    /// Whether nothing will move.
    var isAbsent: Bool {
        if case .absent = self { true } else { false }
    }
}
