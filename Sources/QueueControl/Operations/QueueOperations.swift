import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import Logging
import ServiceConfiguration
import SystemPackage

/// Performs the requests of `srgan-jobs` that read files or change the queue.
///
/// The daemon uses this type for requests on the control socket. When no daemon runs, `srgan-jobs` uses it directly and
/// holds the `StateLock` itself.
package struct QueueOperations: Sendable {
    /// Seconds that a retry waits while another thread moves the job's original.
    private static let movingPatience = 2.0

    private let store: any JobStore
    private let settings: LiveSettings
    private let intake: Intake
    private let models: ModelCatalog
    private let disposer: Disposer
    /// The daemon's functions, or `DaemonHooks.none` in a program that is not the daemon.
    private let daemon: DaemonHooks

    /// Creates the operations from parts that exist already, as in the daemon.
    package init(
        store: any JobStore, settings: LiveSettings, intake: Intake, models: ModelCatalog, disposer: Disposer,
        daemon: DaemonHooks
    ) {
        self.store = store
        self.settings = settings
        self.intake = intake
        self.models = models
        self.disposer = disposer
        self.daemon = daemon
    }

    /// Creates the operations for a program that holds the `StateLock` itself because no daemon runs.
    ///
    /// - configuration: the path of config.toml; the models that it names must exist.
    /// - store: the queue, which the caller has opened.
    /// - logger: logs originals that cannot be moved.
    /// - Throws: `DaemonError` with every mistake of the configuration.
    package init(configuration path: FilePath, store: any JobStore, logger: Logger) throws {
        let settings = try ServiceSettings.load(
            path: path, environment: ProcessInfo.processInfo.environment, judgingModels: false)
        let live = LiveSettings(settings)
        let state = settings.configuration.stateFolder
        let spool = Spool(stateFolder: state)
        try spool.prepare()
        let models = ModelCatalog(stateFolder: state)
        try models.keep(settings.inboxes.map(\.model))
        self.init(
            store: store, settings: live, intake: Intake(store: store, spool: spool), models: models,
            disposer: Disposer(store: store, spool: spool, settings: live, logger: logger, endIfUncertain: { _ in }),
            daemon: .none)
    }

    /// Performs any request except `status` and `health`, which only a daemon can answer. Blocks: `add` copies and
    /// hashes the files.
    package func perform(_ request: ControlRequest) -> ControlReply {
        do {
            switch request {
            case .status, .health:
                return .failure(ControlError(.notRunning, "No daemon is running."))
            case .add(let paths, let subfolders, let inbox):
                return try add(paths, subfolders: subfolders, inbox: inbox)
            case .retry(let ids):
                defer { daemon.wake() }
                return .jobs(try ids.map(retry))
            case .cancel(let ids):
                return .jobs(try ids.map(cancel))
            case .pause:
                try store.setPaused(true, now: Date())
                return .done
            case .resume:
                try store.setPaused(false, now: Date())
                daemon.wake()
                return .done
            case .prune(let date):
                return .pruned(try Self.prune(store, finishedBefore: date))
            case .rescan:
                daemon.rescan()
                return .done
            }
        } catch let error as JobStoreError where error.code == .diskFull || error.code == .busy {
            return .failure(ControlError(.refused, error.message))
        } catch {
            daemon.endIfUncertain(error)
            return .failure(ControlError(.internalError, "\(error)"))
        }
    }

    /// Removes jobs that ended before a date from the history. Keeps a job whose original is still where it was taken
    /// from, or may be there on a share that does not answer: without the job, the inbox monitor would take that file
    /// again. Keeps a failed job whose original is still in the folder for failed originals: without the job, nobody
    /// could retry it.
    package static func prune(_ store: any JobStore, finishedBefore date: Date) throws -> Int {
        try store.prune(finishedBefore: date) { source, stamp in
            do {
                // Only the size is compared: on some file systems the other parts change with each mount.
                return try FileStamp.existing(source)?.stamp.hasSize(of: stamp) ?? false
            } catch {
                return true
            }
        }
    }

    private func add(_ paths: [FilePath], subfolders: [FilePath], inbox: FilePath?) throws -> ControlReply {
        let settings = settings.current
        guard let target = inbox.map(settings.inbox) ?? settings.inboxes.first else {
            return .failure(ControlError(.refused, "No inbox \(inbox?.escaped ?? "") is configured."))
        }
        defer { daemon.wake() }
        return .files(
            try paths.enumerated().map { index, path in
                guard path.isAbsolute else {
                    return FileOutcome(kind: .refused, message: "The path \(path.escaped) is not absolute.")
                }
                let outcome = try intake.add(
                    path, subfolder: index < subfolders.count ? subfolders[index] : FilePath(), inbox: target,
                    configuration: settings.configuration, folders: settings.folders, now: Date())
                switch outcome {
                case .created(let job): return FileOutcome(kind: .created, id: job.id)
                case .alreadyQueued(let job): return FileOutcome(kind: .alreadyQueued, id: job.id)
                case .postponed(let why): return FileOutcome(kind: .refused, message: why)
                case .noRoom:
                    return FileOutcome(
                        kind: .refused,
                        message: "There is no room for a private copy of \(path.escaped) in the state folder.")
                case .unstable:
                    return FileOutcome(kind: .refused, message: "\(path.escaped) changed while it was copied.")
                case .gone, .alreadyTaken, .owed, .rejected:
                    return FileOutcome(kind: .refused, message: "\(path.escaped) does not exist.")
                }
            })
    }

    private func retry(_ id: Int64) throws -> JobOutcome {
        try disposer.withOriginal(of: id, patience: Self.movingPatience) { try retryWithOriginal(id) }
            ?? JobOutcome(
                id: id, changed: false, message: "The original of job \(id) is being moved; try again when it is done.")
    }

    private func retryWithOriginal(_ id: Int64) throws -> JobOutcome {
        func unchanged(_ why: String) -> JobOutcome { JobOutcome(id: id, changed: false, message: why) }
        guard let job = try store.job(id: id) else { return unchanged("There is no job \(id).") }
        guard job.state == .failed || job.state == .cancelled else {
            return unchanged("Job \(id) is \(job.state.rawValue); only failed and cancelled jobs can be tried again.")
        }
        guard try models.copies(of: job.input.modelSHA256).files.allSatisfy({ FileStamp.of($0) != nil }) else {
            return unchanged("The model of job \(id) no longer exists; put the file into the inbox again.")
        }
        let renewal: Intake.Renewal
        do {
            renewal = try intake.copyNow(job, settings.current)
        } catch let refusal as Intake.Refusal {
            return unchanged(refusal.description)
        }
        do {
            let retried = try store.retry(
                id: id, spool: renewal.copy, source: renewal.source, content: renewal.content, now: Date())
            if retried != nil {
                let note = "The content of \(renewal.source.escaped) has changed; the job has the new content."
                return JobOutcome(id: id, changed: true, message: renewal.content == nil ? nil : note)
            }
        } catch let error as JobStoreError where error.code == .alreadyQueued {
            intake.discard(renewal.copy)
            return unchanged(error.message)
        } catch {
            intake.discard(renewal.copy)
            throw error
        }
        intake.discard(renewal.copy)
        return unchanged("Job \(id) was changed meanwhile.")
    }

    private func cancel(_ id: Int64) throws -> JobOutcome {
        guard let job = try store.cancel(id: id, now: Date()) else {
            let state = try store.job(id: id)?.state
            return JobOutcome(
                id: id, changed: false,
                message: state.map { "Job \(id) is \($0.rawValue)." } ?? "There is no job \(id).")
        }
        // If a worker runs the job, the worker slot (the daemon's thread for that job) removes the files.
        if !daemon.interrupt(id) { disposer.cleanUp(after: job) }
        return JobOutcome(id: id, changed: true)
    }
}
