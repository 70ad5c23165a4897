import DaemonControl
import Foundation
import JobQueue
import SystemPackage
import Testing

/// The built `srgan-jobs` on a real state folder: without a daemon, and with one that answers.
@Suite struct JobsCommandTests {
    private let folder: URL
    private var state: FilePath { FilePath(folder.path).appending("state") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "srgan-jobs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "models"), withIntermediateDirectories: true)
        // The smallest file that has the format of a model.
        let header = Array(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.utf8)
        try Data([UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + [0, 0, 0, 0])
            .write(to: folder.appending(path: "models/tiny.safetensors"))
        try """
        [state]
        directory = "state"
        [[inbox]]
        path = "inbox"
        outbox = "outbox"
        model = "tiny"
        """.write(to: folder.appending(path: "config.toml"), atomically: true, encoding: .utf8)
    }

    private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> JobsProgram.Outcome {
        try JobsProgram.run(arguments, in: folder, environment: environment)
    }

    /// Fills the queue as a daemon would that has ended since.
    private func fill(_ body: (SQLiteJobStore) throws -> Void) throws {
        try FileManager.default.createDirectory(atPath: state.string, withIntermediateDirectories: true)
        try body(SQLiteJobStore(path: SQLiteJobStore.path(in: state)))
    }

    private func enqueue(_ name: String, _ store: SQLiteJobStore) throws {
        let hash = String(repeating: "ab", count: 32)
        _ = try store.enqueue(
            NewJob(
                source: FilePath("/in/\(name)"), inbox: "/in", spool: "/spool/1", contentSHA256: hash, contentSize: 1,
                sourceStamp: "", modelSHA256: hash, settings: "{}", outputFolder: "/out",
                outputName: FilePath.Component(name)!), now: Date())
    }

    private func finish(_ store: SQLiteJobStore) throws {
        let claim = try #require(try store.claim(now: Date())?.claim)
        try store.beginPublishing(
            claim, temporary: "/out/.t", output: "/out/x", outputSHA256: String(repeating: "0", count: 64),
            metrics: JobMetrics(), reusedJobID: nil)
        try store.complete(claim, metrics: JobMetrics(), now: Date())
    }

    @Test func beforeTheFirstDaemon() throws {
        for command in ["list", "stats", "pause", "resume"] { #expect(try run(command).code == 69) }
        #expect(try run("show", "1").code == 69)
        #expect(try run("wait", "1").code == 69)
    }

    @Test func withoutADaemonItWritesDirectly() throws {
        try fill { store in for name in ["a", "b", "c"] { try enqueue(name, store) } }
        #expect(try run("pause").output == "paused\n")
        #expect(try run("stats").output.contains("paused"))
        #expect(try run("resume").output == "resumed\n")
        let cancel = try run("cancel", "1", "2", "99")
        #expect(cancel.code == 2 && cancel.output == "1 cancelled\n2 cancelled\n" && cancel.errors.contains("99"))
        #expect(try run("cancel", "1").code == 1)
        let json = try run("cancel", "--json", "1")
        #expect(json.output.contains(#"{"id":1,"changed":false,"message":""#))
        let list = try run("list", "--state", "cancelled", "--json")
        #expect(list.output.contains(#""id":1,"state":"cancelled","input":"/in/a""#) && !list.output.contains("/in/c"))
        #expect(try run("list", "--json", "--limit", "0").output == run("list", "--json").output)
        #expect(try run("wait", "1", "2").code == 1)
        #expect(try run("prune", "--older-than", "1d").output.hasPrefix("0 jobs deleted: the first job ended at 20"))
        // While another process holds the folder but does not listen, nothing can be changed.
        let lock = try StateLock(directory: state, version: "1")
        #expect(try run("list").code == 0)
        withExtendedLifetime(lock) {}
    }

    @Test func aBackupWithoutItsFolderCannotBeCreated() throws {
        try fill { _ in }
        let backup = try run("backup", "none/copy.db")
        #expect(backup.code == 73)
        #expect(
            backup.errors == "srgan-jobs: \(folder.path)/none/copy.db cannot be created: No such file or directory.\n")
    }

    @Test func hiddenJobsAreCounted() throws {
        try fill { store in for number in 1...53 { try enqueue("a\(number)", store) } }
        let list = try run("list")
        #expect(list.output.contains("\n3 older jobs are not shown; --limit 0 shows all.\n"))
        #expect(try run("list", "--since", "2d", "--limit", "52").output.contains("\n1 older job is not shown;"))
        #expect(try run("cancel", "1", "2").code == 0)
        #expect(try run("list", "--state", "available", "--limit", "50").output.contains("\n1 older job is not shown"))
        for whole in [["--limit", "0"], ["--limit", "53"], ["--state", "cancelled"], ["--json"]] {
            #expect(try JobsProgram.run(["list"] + whole, in: folder).output.contains("not shown") == false)
        }
    }

    @Test func addAndRetryWithoutADaemon() throws {
        try fill { _ in }
        try Data("not really an image".utf8).write(to: folder.appending(path: "-a \n.png"))
        try Data().write(to: folder.appending(path: "empty.png"))
        let add = try run("add", "--", "-a \n.png", "empty.png", "missing.png")
        #expect(add.code == 2 && add.output == "1 \(folder.path)/-a \\n.png\n")
        #expect(add.errors.contains("empty.png") && add.errors.contains("missing.png"))
        #expect(try run("add", "--", "-a \n.png").output.hasSuffix("(queued already)\n"))
        #expect(try run("add", "--inbox", "elsewhere", "empty.png").code == 75)
        #expect(try run("cancel", "1").code == 0)
        #expect(try run("retry", "1").output == "1 queued again\n")
        let retry = try run("retry", "1", "2")
        #expect(retry.code == 1 && retry.errors.contains("Job 1 is available") && retry.errors.contains("no job 2"))
        let show = try run("show", "1")
        #expect(show.output.contains("State          available") && show.output.contains("-a \\n.png"))
    }

    @Test func waitReportsHowEachJobEnded() throws {
        try fill { store in
            for name in ["a", "b", "c"] { try enqueue(name, store) }
            try finish(store)
            let claim = try #require(try store.claim(now: Date())?.claim)
            _ = try store.fail(claim, reason: .corrupt, message: "It is corrupt.", metrics: nil, now: Date())
        }
        let completed = try run("wait", "1")
        #expect(completed.code == 0 && completed.output == "1 completed /out/x\n")
        #expect(try run("wait", "2").code == 1)
        #expect(try run("wait", "1", "2").code == 2)
        #expect(try run("wait", "--json", "1", "2").output.contains(#""reason":"corrupt""#))
        #expect(try run("wait", "4711").code == 1)
        // No daemon runs that could finish the third job.
        #expect(try run("wait", "3").code == 69)
        #expect(try run("wait", "--timeout", "0s", "3").code == 75)
    }

    @Test func aLiveDaemonIsAsked() throws {
        try fill { store in
            for name in ["a", "b"] { try enqueue(name, store) }
            _ = try store.claim(now: Date())
        }
        let daemon = try FakeDaemon(state: state)
        defer { daemon.stop() }
        let list = try run("list")
        #expect(list.output.contains("3/9 tiles"))
        #expect(try run("list", "--json").output.contains(#""tiles_done":3"#))
        #expect(try run("show", "1").output.contains("3/9 tiles"))
        #expect(try run("stats").output.contains("process \(getpid())"))
        let health = try run("health")
        #expect(
            health.code == 1
                && health.output.hasPrefix(
                    "stalled: inbox-watcher has made no progress for 1m 15s; an inbox is polled\nQueue: ")
        )
        #expect(try run("cancel", "1").code == 0)
        #expect(try run("retry", "1").code == 0)
        #expect(try run("pause").code == 0)
        #expect(try run("prune", "--older-than", "1d").output == "7 jobs deleted\n")
        #expect(try run("add", "a.png").output == "5 \(folder.path)/a.png\n")
        #expect(try run("wait", "--timeout", "0s", "1").code == 75)
        #expect(
            daemon.changes == [
                .cancel(ids: [1]), .retry(ids: [1]), .pause,
                .add(paths: [FilePath(folder.path).appending("a.png")], inbox: nil),
            ])
    }

    @Test func theConfigurationIsFound() throws {
        try fill { _ in }
        let named = try run("--config", "nothing.toml", "list")
        #expect(named.code == 78 && named.errors.contains("nothing.toml"))
        #expect(try run("list", "--config", "nothing.toml").code == 78)
        #expect(try run("list", environment: ["SRGAN_CONFIG": "nothing.toml"]).code == 78)
        #expect(try run("list", "--config", "config.toml", environment: ["SRGAN_CONFIG": "nothing.toml"]).code == 0)
        #expect(try run("list", environment: ["SRGAN_CONFIG": ""]).code == 0)
    }

    @Test(arguments: [
        ["list", "--state", "asleep"], ["list", "--since", "yesteryear"], ["list", "--limit", "-1"], ["prune"],
        ["prune", "--older-than", "long"], ["wait"], ["wait", "x"], ["wait", "--timeout", "soon", "1"], ["cancel"],
        ["frobnicate"], ["add"], ["backup"], ["backup", "a", "b"], ["health", "now"],
    ])
    func wrongUsage(_ arguments: [String]) throws {
        let process = try JobsProgram.run(arguments, in: folder)
        #expect(process.code == 64 && process.output.isEmpty && !process.errors.isEmpty)
    }
}

/// A daemon that accepts every request and records the changes.
private final class FakeDaemon: @unchecked Sendable {
    // Invariant: `list` is touched only under `mutex`; the other members never change.
    private let mutex = NSLock()
    private var list: [ControlRequest] = []
    private let listener: Int32
    private let lock: StateLock
    private let finished = DispatchSemaphore(value: 0)

    /// The requests so far, except `status` and `prune`.
    var changes: [ControlRequest] { mutex.withLock { list } }

    init(state: FilePath) throws {
        lock = try StateLock(directory: state, version: "test")
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let descriptor = listener
        let path = UnixSocketAddress.controlSocket(inState: state)
        guard try UnixSocketAddress.withAddress(of: path, { bind(descriptor, $0, $1) }) == 0, listen(listener, 8) == 0
        else { throw Errno(rawValue: errno) }
        Thread.detachNewThread { [self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                var reader = LineReader(descriptor: connection)
                let deadline = ContinuousClock.now + .seconds(10)
                if let line = try? reader.next(deadline: deadline), let request = try? ControlLine.decodeRequest(line),
                    let reply = try? ControlLine.encode(answer(request))
                {
                    try? LineWriter.send(reply, to: connection, deadline: deadline)
                }
                close(connection)
            }
            finished.signal()
        }
    }

    private func answer(_ request: ControlRequest) -> ControlReply {
        switch request {
        case .status:
            let running = RunningJob(id: 1, startedAt: Date(), tilesDone: 3, tilesTotal: 9)
            return .status(
                DaemonStatus(pid: getpid(), version: "test", startedAt: Date(), paused: false, running: [running]))
        case .health:
            return .health(
                DaemonHealth(
                    pid: getpid(), version: "test", state: .stalled,
                    stuck: [DaemonHealth.Stuck(name: "inbox-watcher", seconds: 75)], polling: true, diskFull: false))
        case .prune: return .pruned(7)
        case .add(let paths, _, _):
            note(request)
            return .files(paths.map { _ in FileOutcome(kind: .created, id: 5) })
        case .retry(let ids), .cancel(let ids):
            note(request)
            return .jobs(ids.map { JobOutcome(id: $0, changed: true) })
        case .pause, .resume, .rescan:
            note(request)
            return .done
        }
    }

    private func note(_ request: ControlRequest) { mutex.withLock { list.append(request) } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        finished.wait()
        close(listener)
    }
}
