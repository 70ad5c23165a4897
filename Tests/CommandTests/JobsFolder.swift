import Foundation
import JobQueue
import SystemPackage
import Testing
import WorkerProtocol

/// A folder with a configuration and the queue of a daemon that has ended.
struct JobsFolder {
    let srgan: SrganRunner
    /// The store, in this process: the queue's only writer until a command changes it.
    let store: SQLiteJobStore

    static let configuration = """
        [state]
        directory = "state"
        [[inbox]]
        path = "inbox"
        outbox = "outbox"
        model = "tiny"

        """

    var url: URL { URL(filePath: srgan.folder.path) }
    var state: FilePath { FilePath(srgan.path("state")) }

    init() throws {
        srgan = try SrganRunner()
        try FileManager.default.createDirectory(
            atPath: srgan.path("models"), withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: srgan.model, toPath: srgan.path("models/tiny.safetensors"))
        try FileManager.default.createDirectory(atPath: srgan.path("state"), withIntermediateDirectories: true)
        store = try SQLiteJobStore(path: SQLiteJobStore.path(in: FilePath(srgan.path("state"))))
        try configure(Self.configuration)
    }

    func configure(_ text: String) throws {
        try text.write(toFile: srgan.path("config.toml"), atomically: true, encoding: .utf8)
    }

    /// Runs `srgan-jobs` in the folder.
    func run(_ arguments: String...) throws -> JobsProgram.Outcome { try JobsProgram.run(arguments, in: url) }

    /// Runs it with words that a shell would separate at spaces.
    func run(line: String) throws -> JobsProgram.Outcome {
        try JobsProgram.run(line.split(separator: " ").map(String.init), in: url)
    }

    /// Queues a file of an inbox.
    @discardableResult
    func enqueue(
        _ name: String, inbox: FilePath = "/in", bytes: Int64 = 1000,
        model: String = String(repeating: "ab", count: 32),
        settings: String = "{}"
    ) throws -> Int64 {
        let outcome = try store.enqueue(
            NewJob(
                source: inbox.pushing(FilePath(name)), inbox: inbox, spool: "/spool/1",
                contentSHA256: String(repeating: "ab", count: 32), contentSize: bytes, sourceStamp: "",
                modelSHA256: model, settings: settings, outputFolder: "/out",
                outputName: FilePath(name).lastComponent!), now: Date())
        guard case .created(let job) = outcome else { throw CancellationError() }
        return job.id
    }

    /// Completes the oldest waiting job, whose image had a megapixel.
    func complete(seconds: Double = 2) throws {
        let claim = try #require(try store.claim(now: Date())?.claim)
        var metrics = JobMetrics()
        (metrics.inputWidth, metrics.inputHeight, metrics.totalSeconds) = (1000, 1000, seconds)
        try store.beginPublishing(
            claim, temporary: "/out/.t", output: "/out/x", outputSHA256: String(repeating: "0", count: 64),
            metrics: metrics, reusedJobID: nil)
        try store.complete(claim, metrics: metrics, now: Date())
    }

    /// Fails the oldest waiting job.
    func fail(_ reason: FailureReason = .corrupt) throws {
        let claim = try #require(try store.claim(now: Date())?.claim)
        _ = try store.fail(claim, reason: reason, message: "It failed.", metrics: nil, now: Date())
    }
}
