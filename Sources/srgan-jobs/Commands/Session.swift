import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import QueueControl
import ServiceConfiguration
import SystemPackage

/// Access to the queue for one run of the program. A session reads the database itself. It makes changes through the
/// daemon, or directly in the database if no daemon runs.
struct Session {
    /// The configuration; nil if it has mistakes.
    let configuration: Configuration?
    /// The queue that this session uses.
    let place: QueuePlace

    init(_ configuration: Configuration) {
        self.configuration = configuration
        place = QueuePlace(configuration: configuration.file, stateFolder: configuration.stateFolder)
    }

    /// A session with a configuration that has mistakes.
    init(file: FilePath, stateFolder: FilePath) {
        configuration = nil
        place = QueuePlace(configuration: Arguments.absolute(file), stateFolder: stateFolder)
    }

    private var state: FilePath { place.stateFolder }
    private var client: ControlClient {
        ControlClient(socket: UnixSocketAddress.controlSocket(inState: state))
    }

    /// Opens the queue for reading; throws if no daemon has ever run with this state folder.
    func history() throws -> JobHistory {
        try StateAccess.check(state)
        do {
            return try JobHistory(directory: state)
        } catch let error as JobStoreError where error.code == .noDatabase {
            throw place.missing
        }
    }

    /// The state of the whole queue, and when it will be done.
    func outlook(_ history: JobHistory, daemon: DaemonPresence, now: Date) throws -> QueueOutlook {
        let waiting = try history.waiting()
        let recent = try history.jobs(JobFilter(states: [.completed]), limit: QueueSpeed.jobCount)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return QueueOutlook(
            place: place, isPaused: try history.isPaused(), waiting: waiting.count, waitingBytes: waiting.bytes,
            running: JobListing(
                jobs: try history.jobs(JobFilter(states: [.running, .publishing])), daemon: daemon, now: now
            ).jobs,
            speed: QueueSpeed(recent), processes: configuration?.workers.resolved(cores: cores).processes ?? 1,
            daemonIsAbsent: daemon.isAbsent, now: now)
    }

    /// Finds the names of models by their hashes.
    func modelNames() -> ModelNames {
        ModelNames(configuration: configuration, folder: place.configuration.removingLastComponent())
    }

    /// Whether a daemon runs, and its status. This function does not throw, because a command that only reads must work
    /// without a daemon.
    func daemon() -> DaemonPresence {
        do throws(ControlError) {
            guard case .status(let status) = try client.send(.status, timeout: .seconds(2)) else { return .silent }
            return .present(status)
        } catch {
            return error.code == .notRunning ? .absent : .silent
        }
    }

    /// Checks whether the daemon is live, ready or stalled.
    func health() throws -> HealthFinding {
        do throws(ControlError) {
            guard case .health(let health) = try client.send(.health, timeout: .seconds(5)) else {
                throw ControlError(.malformed, "The daemon's reply does not match the request.")
            }
            return .reported(health)
        } catch {
            let holder = StateLock.liveHolder(of: state)
            switch error.code {
            case .notRunning: return holder.map { .notListening(pid: $0.pid) } ?? .notRunning
            case .timedOut, .disconnected: return holder.map { .silent(pid: $0.pid) } ?? .notRunning
            case .permissionDenied:
                try StateAccess.check(state)
                throw error
            default: throw error
            }
        }
    }

    /// Copies the database.
    func backUp(to file: FilePath, replacing: Bool) throws -> QueueBackup.Summary {
        try StateAccess.check(state)
        try requireQueue()
        return try QueueBackup.write(of: state, to: file, replacing: replacing)
    }

    /// Makes a change through the daemon, or directly, under the lock of the state folder, if no daemon holds that
    /// lock.
    ///
    /// - timeout: how long to wait for the daemon's reply.
    func change(_ request: ControlRequest, timeout: Duration = .seconds(10)) throws -> ControlReply {
        // A daemon that starts or stops holds the lock for a moment without listening on its socket. During that time
        // neither the daemon nor this process can make the change, so both ways are tried again until this deadline.
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do throws(ControlError) {
                return try client.send(request, timeout: timeout)
            } catch {
                if error.code == .permissionDenied { try StateAccess.check(state) }
                guard error.code == .notRunning || (error.code == .stopping && ContinuousClock.now < deadline) else {
                    throw error
                }
            }
            try StateAccess.check(state, writing: true)
            try requireQueue()
            do {
                let lock = try StateLock(directory: state, version: ProgramVersion.current)
                defer { withExtendedLifetime(lock) {} }
                return try perform(request)
            } catch let error as JobStoreError where error.code == .stateLocked && ContinuousClock.now < deadline {
                usleep(100_000)
            }
        }
    }

    private func requireQueue() throws {
        guard access(SQLiteJobStore.path(in: state).string, F_OK) == 0 else { throw place.missing }
    }

    /// Makes a change without a daemon; the caller holds the lock.
    private func perform(_ request: ControlRequest) throws -> ControlReply {
        // Without a configuration, only changes are made below that need no retry policy.
        let store =
            try configuration.map { try SQLiteJobStore($0) } ?? SQLiteJobStore(path: SQLiteJobStore.path(in: state))
        // Pause, resume and prune touch no image files, so they must also work if the configured models are missing.
        // `QueueOperations`, which makes the other changes, cannot be created then.
        switch request {
        case .pause: try store.setPaused(true, now: Date())
        case .resume: try store.setPaused(false, now: Date())
        case .prune(let date): return .pruned(try QueueOperations.prune(store, finishedBefore: date))
        default:
            let operations = try QueueOperations(
                configuration: place.configuration, store: store, logger: ConsoleLog.logger)
            let reply = operations.perform(request)
            if case .failure(let error) = reply { throw error }
            return reply
        }
        return .done
    }
}

/// Whether a daemon runs, and its status.
enum DaemonPresence {
    /// No daemon listens.
    case absent
    /// A daemon listens, but it is too busy to answer, or this user has no permission to connect to it.
    case silent
    case present(DaemonStatus)

    /// The status that the daemon reported.
    var status: DaemonStatus? {
        if case .present(let status) = self { status } else { nil }
    }

    /// True if no daemon runs, so that no job makes progress.
    var isAbsent: Bool {
        if case .absent = self { true } else { false }
    }
}
