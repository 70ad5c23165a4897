import DaemonControl
import Foundation
import GRDB
import JobQueue
import LinuxSupport
import SystemPackage
import Testing
import UpscaleDaemon

@testable import ServiceConfiguration

/// A built `srgand` with a folder of its own. Tests wait for events, with a deadline that is reached only if something
/// is wrong.
final class DaemonHarness {
    /// Thrown by a wait that reached its deadline; contains the daemon's log.
    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    private static let patience = 300.0
    /// The `shell` argument of `start` for a daemon that cannot watch any folder.
    static let withoutInotify = "echo 0 > /proc/sys/user/max_inotify_instances"

    let root: FilePath
    private(set) var process: Process?
    private var runs = 0

    /// A worker that waits for a file named `go` and then does its work. A killed daemon leaves the worker behind, so
    /// it also ends when `config.toml` and everything else is gone.
    static let patientWorker =
        #"while [ -e config.toml ] && [ ! -e go ]; do sleep 0.05; done; exec "$SRGAN" "$@""#

    /// Writes the model and the configuration; starts nothing.
    ///
    /// - inbox: further lines of the inbox's table. Unless they say otherwise, a file that may be unfinished waits only for
    ///   a second.
    /// - sections: further tables. Unless they say otherwise, retries are immediate and no free space is required.
    /// - worker: a shell script to run instead of the worker; `$SRGAN` in it is the real worker.
    init(
        inbox: String = "settle_seconds = 0.3", sections: String = "", worker: String? = nil,
        model: Data = DaemonSamples.tinyModel()
    ) throws {
        root = try Self.makeFolder()
        try write(model, to: "models/tiny.safetensors")
        var workers = ""
        if let worker {
            let program = root.appending("worker.sh")
            // The service also runs the worker program to check models; the scripts pass this on to the real one.
            let script = """
                #!/bin/sh
                SRGAN='\(Self.program("srgan").string)'
                [ "$1" = model ] && exec "$SRGAN" "$@"
                cd '\(root.string)'
                \(worker)

                """
            try write(Data(script.utf8), to: "worker.sh")
            chmod(program.string, 0o755)
            workers = "[workers]\nprogram = \"worker.sh\"\n"
        }
        try configure(
            """
            [state]
            directory = "state"
            [[inbox]]
            path = "inbox"
            outbox = "outbox"
            model = "tiny"
            \(inbox)
            \(inbox.contains("unfinished_settle_seconds") ? "" : "unfinished_settle_seconds = 1")
            [limits]
            min_free_space_mb = 0
            [retry]
            first_delay_seconds = 0
            max_delay_seconds = 0
            \(workers)
            \(sections)
            """)
        try makeFolder("inbox")
    }

    deinit {
        if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: root.string)
    }

    // MARK: - Files

    var configurationPath: FilePath { root.appending("config.toml") }

    func path(_ name: String) -> FilePath { root.pushing(FilePath(name)) }

    func configure(_ text: String) throws { try write(Data(text.utf8), to: "config.toml") }

    func write(_ data: Data, to name: String) throws { try Self.write(data, to: path(name)) }

    static func write(_ data: Data, to path: FilePath) throws {
        func open() throws -> FileDescriptor {
            try FileDescriptor.open(
                path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
        }
        let descriptor: FileDescriptor
        do {
            descriptor = try open()
        } catch Errno.noSuchFileOrDirectory {
            try FileManager.default.createDirectory(
                atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
            descriptor = try open()
        }
        try descriptor.closeAfter { _ = try descriptor.writeAll(data) }
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name).string, withIntermediateDirectories: true)
    }

    func exists(_ name: String) -> Bool { access("\(root.string)/\(name)", F_OK) == 0 }

    /// Renames a file that no process has open for writing any more. A program that another test starts inherits all
    /// descriptors for a moment, and its late closing would count as the last event of the file.
    func move(_ from: String, to target: String) throws {
        if let descriptor = try? FileDescriptor.open(path(from), .readOnly) {
            defer { try? descriptor.close() }
            try wait("the end of the writers of \(from)") { RegularFile.hasWriter(descriptor) == true ? nil : true }
        }
        guard rename(path(from).string, path(target).string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// The regular files below a folder, relative to it, sorted, including hidden ones.
    func files(below name: String) -> [String] {
        let folder = path(name)
        let all = FileManager.default.enumerator(atPath: folder.string)?.compactMap { $0 as? String } ?? []
        return all.filter {
            var status = stat()
            return lstat("\(folder.string)/\($0)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }.sorted()
    }

    // MARK: - The daemon

    /// Compiles a C library that is loaded before the daemon's C library; returns the environment that loads it.
    func preload(_ source: String) throws -> [String: String] {
        try write(Data(source.utf8), to: "preload.c")
        let library = path("preload.so").string
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", "-o", library, path("preload.c").string, "-ldl"]
        try compiler.run()
        try #require(try exit(of: compiler) == 0)
        return ["LD_PRELOAD": library]
    }

    /// Starts the daemon and waits until it answers.
    func start(environment: [String: String] = [:], under wrapper: [String] = []) throws {
        let process = try launch([], environment: environment, under: wrapper)
        self.process = process
        try wait("the daemon to answer") { [self] in
            guard process.isRunning else { throw TimedOut(description: "srgand ended.\n\(log)") }
            return try? status()
        }
    }

    /// Runs the daemon until it ends.
    @discardableResult
    func run(_ arguments: String...) throws -> Int32 { try exit(of: launch(arguments)) }

    /// Sends a signal and waits until the daemon ends.
    @discardableResult
    func stop(_ signal: Int32 = SIGTERM) throws -> Int32 {
        guard let process else { return -1 }
        kill(process.processIdentifier, signal)
        return try exit(of: process)
    }

    func exit(of process: Process) throws -> Int32 {
        try wait("srgand to end") { process.isRunning ? nil : true }
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }

    /// A command that runs the daemon without the superuser's right to ignore file modes, also if the tests run as
    /// root.
    static let withoutOverride =
        geteuid() == 0 ? ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []

    /// A command that runs the daemon after a shell script, in a user namespace of its own. The kernel counts inotify's
    /// resources and mounts per namespace, so every user can set limits there.
    static func afterShell(_ script: String) -> [String] {
        ["/usr/bin/unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-ec", "\(script)\nexec \"$@\"", "sh"]
    }

    /// - wrapper: a program and its arguments that run the daemon (strace, setpriv, unshare).
    func launch(
        _ arguments: [String], environment: [String: String] = [:], under wrapper: [String] = []
    ) throws -> Process {
        runs += 1
        let file = path("log-\(runs).txt")
        try Self.write(Data(), to: file)
        let process = Process()
        let command = wrapper + [Self.program("srgand").string, "--config", configurationPath.string] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardError = FileHandle(forWritingAtPath: file.string)
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        try process.run()
        return process
    }

    /// The standard error output of all runs.
    var log: String {
        (1...max(runs, 1)).map { (try? String(contentsOfFile: path("log-\($0).txt").string, encoding: .utf8)) ?? "" }
            .joined()
    }

    // MARK: - The queue

    func ask(_ request: ControlRequest) throws -> ControlReply {
        let socket = UnixSocketAddress.controlSocket(inState: path("state"))
        return try ControlClient(socket: socket).send(request, timeout: .seconds(30))
    }

    func status() throws -> DaemonStatus? {
        guard case .status(let status) = try ask(.status) else { return nil }
        return status
    }

    func jobs() -> [Job] {
        (try? JobHistory(directory: path("state")).jobs(states: nil, since: nil, limit: nil)) ?? []
    }

    /// The number of jobs that have ended and whose originals have been handled. SQLite counts them: this is called
    /// very often, and reading all jobs costs a debug build milliseconds each.
    func endedJobs() -> Int {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        let queue = try? DatabaseQueue(
            path: SQLiteJobStore.path(in: path("state")).string, configuration: configuration)
        let count = try? queue?.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM job
                    WHERE state IN ('completed', 'failed', 'cancelled') AND needs_disposal = 0
                    """)
        }
        return count ?? 0
    }

    /// The only job of a file in the inbox.
    func job(_ name: String) throws -> Job? {
        let found = jobs().filter { $0.input.source.lastComponent == path(name).lastComponent }
        guard found.count <= 1 else { throw TimedOut(description: "\(name) has \(found.count) jobs.\n\(log)") }
        return found.first
    }

    /// Waits until the only job of a file is in a state (and, for an ended job, until its original has been handled).
    @discardableResult
    func wait(for name: String, _ state: JobState) throws -> Job {
        try wait("\(name) to be \(state.rawValue)") { [self] in
            guard let job = try job(name), job.state == state else { return nil }
            return job.needsDisposal ? nil : job
        }
    }

    @discardableResult
    func wait<Result>(
        _ what: String, patience: Double = patience, for event: () throws -> Result?
    ) throws -> Result {
        let deadline = Date().addingTimeInterval(patience)
        while Date() < deadline {
            let asked = ContinuousClock.now
            if let result = try event() { return result }
            // Reading a long history costs a debug build more than the pause; the daemon needs the processor.
            Thread.sleep(forTimeInterval: max(0.02, 4 * ((ContinuousClock.now - asked) / .seconds(1))))
        }
        let states = jobs().map { "\($0.input.source.escaped) \($0.state.rawValue)" }.joined(separator: "\n")
        throw TimedOut(description: "Waited in vain for \(what).\n\(states)\n\(log)")
    }

    /// Waits for jobs to end, on machines of any speed: it times out only when no further job ends.
    func waitForEnds(until isSettled: () -> Bool) throws {
        while !isSettled() {
            let before = endedJobs()
            try wait("one more end") { isSettled() || endedJobs() > before ? true : nil }
        }
    }

    /// True if the metrics file `srgan.prom` contains this line.
    func metric(_ line: String) -> Bool {
        let text = (try? String(contentsOfFile: path("srgan.prom").string, encoding: .utf8)) ?? ""
        return text.contains(line + "\n")
    }

    /// The output of `srgan-jobs list --json`; throws if the program fails.
    func list() throws -> [[String: Any]] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program("srgan-jobs").string)
        process.arguments = ["list", "--config", configurationPath.string, "--json"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        try #require(try exit(of: process) == 0)
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return try #require(object?["jobs"] as? [[String: Any]])
    }

    // MARK: - Paths

    /// A program that was built with the tests.
    static func program(_ name: String) -> FilePath {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return FilePath(tests).removingLastComponent().appending(name)
    }

    private static func makeFolder() throws -> FilePath {
        let folder = FileManager.default.temporaryDirectory.appending(path: "srgand-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return FilePath(folder.resolvingSymlinksInPath().path)
    }
}
