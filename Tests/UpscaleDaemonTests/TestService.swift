import Foundation
import JobQueue
import LinuxSupport
import Logging
import SystemPackage

@testable import QueueControl
@testable import ServiceConfiguration
@testable import UpscaleDaemon

/// The parts of a service in a folder of their own: a real database, real folders, no threads.
final class TestService: Sendable {
    let folder: TemporaryFolder
    let live: LiveSettings
    let store: SQLiteJobStore
    let spool: Spool
    let intake: Intake
    let disposer: Disposer
    let dispatcher: Dispatcher
    let finisher: JobFinisher
    let recovery: PublishingRecovery
    let stop = StopSignal()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// - inbox: further lines of the inbox's table.
    init(inbox: String = "", sections: String = "") throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        for name in ["in", "out", "archive", "failed", "state"] { try folder.makeFolder(name) }
        live = LiveSettings(try Self.settings(folder.path, inbox: inbox, sections: sections))
        let configuration = live.current.configuration
        store = try SQLiteJobStore(path: SQLiteJobStore.path(in: configuration.stateFolder))
        spool = Spool(stateFolder: configuration.stateFolder)
        try spool.prepare()
        intake = Intake(store: store, spool: spool)
        disposer = Disposer(
            store: store, spool: spool, settings: live, logger: logger, endIfUncertain: stop.giveUpIfUncertain)
        dispatcher = Dispatcher(settings: live, store: store, stop: stop, logger: logger)
        let publisher = Publisher(store: store, settings: live, stop: stop)
        finisher = JobFinisher(
            store: store, publisher: publisher, disposer: disposer, dispatcher: dispatcher, stop: stop, logger: logger)
        recovery = PublishingRecovery(
            store: store, settings: live, publisher: publisher, finisher: finisher, dispatcher: dispatcher,
            logger: logger)
    }

    private static func settings(_ folder: FilePath, inbox: String, sections: String) throws -> ServiceSettings {
        let text = "[state]\ndirectory = \"state\"\n[[inbox]]\npath = \"in\"\noutbox = \"out\"\n\(inbox)\n\(sections)\n"
        let model = ResolvedModel(parts: [
            .init(name: "tiny", path: "/tiny.safetensors", sha256: String(repeating: "a", count: 64))
        ])
        return ServiceSettings(
            configuration: try Configuration.parse(text, path: folder.appending("config.toml")), models: [model])
    }

    /// Reloads the configuration with other lines in the inbox's table.
    func configure(inbox: String) throws {
        live.replace(with: try Self.settings(folder.path, inbox: inbox, sections: ""))
    }

    var inbox: ServiceSettings.Inbox { live.current.inboxes[0] }

    /// Makes a new private copy for a job.
    func copyAgain(_ job: Job) throws -> (copy: FilePath, source: FilePath)? {
        try intake.copyAgain(job, folders: live.current.folders)
    }

    /// Takes a file from the inbox.
    ///
    /// - intake: nil for `self.intake`.
    func take(_ name: String, by intake: Intake? = nil) throws -> Intake.Outcome {
        let intake = intake ?? self.intake
        let scanner = InboxScanner(inbox.configuration)
        guard let entry = scanner.entry(at: inbox.configuration.path.pushing(FilePath(name))) else { return .gone }
        return try intake.take(
            entry, scanner: scanner, inbox: inbox, configuration: live.current.configuration, now: Date())
    }

    /// Writes a file into the inbox and takes it.
    func queue(_ name: String, content: String = "image") throws -> Job {
        try folder.write(content, to: "in/\(name)")
        guard case .created(let job) = try take(name) else { throw FileError(.changed, "\(name) was not taken.") }
        return job
    }

    /// A claimed job with a finished temporary output.
    func running(_ name: String, output: String = "upscaled") throws -> (job: Job, claim: Claim, temporary: FilePath) {
        _ = try queue(name, content: "image \(name)")
        let job = try store.claim(now: Date())!
        try DurableFile.createFolder(job.input.outputFolder)
        let temporary = TemporaryOutput.path(in: job.input.outputFolder, id: job.id)
        try Data(output.utf8).write(to: URL(fileURLWithPath: temporary.string))
        return (job, job.claim!, temporary)
    }

    /// Publishes the output and moves the original.
    func publish(_ job: Job, _ claim: Claim, _ temporary: FilePath) throws {
        try finisher.publish(try output(temporary), of: job, claim: claim, heartbeat: nil)
        disposer.cleanUp(after: job)
    }

    /// A worker's output, complete under its temporary name.
    func output(_ temporary: FilePath) throws -> ProducedOutput {
        let file = PendingOutput(
            entry: try live.current.folders.open(temporary.removingLastComponent()).entry(temporary.lastComponent!),
            descriptor: try FileDescriptor.open(temporary, .readWrite))
        return ProducedOutput(file: file, format: "png", metrics: JobMetrics())
    }

    /// What people's requests do to this queue without a daemon.
    func operations() -> QueueOperations {
        QueueOperations(
            store: store, settings: live, intake: intake,
            models: ModelCatalog(stateFolder: folder.path.appending("state")), disposer: disposer, daemon: .none)
    }

    /// A completed job whose original has not been moved yet.
    func completed(_ name: String) throws -> Job {
        let (job, claim, temporary) = try running(name)
        try store.beginPublishing(
            claim, temporary: temporary, output: temporary, outputSHA256: job.input.contentSHA256,
            metrics: JobMetrics(), reusedJobID: nil)
        try store.complete(claim, metrics: JobMetrics(), now: Date())
        return try self.job(job.id)
    }

    /// A failed job whose original has not been moved yet.
    func failed(_ name: String) throws -> Job {
        let (_, claim, temporary) = try running(name)
        try DurableFile.remove(temporary)
        return try store.fail(claim, reason: .corrupt, message: "It is broken.", metrics: nil, now: Date())
    }

    /// The jobs whose originals have not been moved yet; nil if the queue cannot be read.
    var undisposed: [Int64]? { try? store.undisposed() }

    func job(_ id: Int64) throws -> Job {
        guard let job = try store.job(id: id) else { throw FileError(.changed, "Job \(id) is not there.") }
        return job
    }
}
