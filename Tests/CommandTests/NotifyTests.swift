import Foundation
import GRDB
import JobQueue
import LinuxSupport
import Testing

/// `srgan-notify`, with a queue that another process changes, killed at any moment.
@Suite("srgan-notify")
struct NotifyTests {
    private let folder: JobsFolder

    init() throws { folder = try JobsFolder() }

    private func configure(_ hooks: String) throws {
        try folder.configure(JobsFolder.configuration + "[notify]\ndirectory = \"notify\"\n" + hooks)
    }

    private func start() throws -> Process {
        let process = Process()
        process.executableURL = Self.program
        process.currentDirectoryURL = folder.url
        process.standardError = FileHandle(forWritingAtPath: "/dev/null")
        try process.run()
        return process
    }

    private static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "srgan-notify")

    private func run(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: complaint, as: UTF8.self)
        )
    }

    /// Waits until a condition is true; fails after a long time.
    private func wait(_ what: String, until isTrue: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while try !isTrue() {
            try #require(ContinuousClock.now < deadline, "\(what)")
            sched_yield()
        }
    }

    /// Waits until the program has kept its place in the log, so that it reads all later events.
    private func waitForStart() throws {
        try wait("no start") {
            var configuration = GRDB.Configuration()
            configuration.readonly = true
            let path = folder.srgan.path("notify/deliveries.db")
            let database = try? DatabaseQueue(path: path, configuration: configuration)
            return (try? database?.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM position") }) == 1
        }
    }

    private var lines: [(job: Int, kind: String, event: Int)] {
        let text = (try? String(contentsOfFile: folder.srgan.path("seen"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard let job = object?["job_id"] as? Int, let kind = object?["kind"] as? String,
                let event = object?["event"] as? Int
            else { return nil }
            return (job, kind, event)
        }
    }

    @Test("each event arrives at least once and in its job's order, although the program is killed again and again")
    func kills() throws {
        // One run in eight fails, so deliveries are repeated too.
        let seen = folder.srgan.path("seen")
        try configure(
            """
            [[hook]]
            name = "seen"
            on = ["created", "cancelled"]
            command = ["/bin/sh", "-c", "case $(cat /proc/sys/kernel/random/uuid) in 0*|1*) exit 1; esac; cat >> '\(seen)'"]

            """)
        var process = try start()
        try waitForStart()
        for round in 0..<10 {
            for number in 0..<3 { try folder.enqueue("\(round)-\(number).png") }
            for number in 0..<3 { _ = try folder.store.cancel(id: Int64(round * 3 + number + 1), now: Date()) }
            let count = lines.count
            try wait("nothing arrives") { lines.count > count }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            process = try start()
        }
        try wait("not all events arrive: \(lines)") { Set(lines.map(\.event)).count == 60 }
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        for job in 1...30 {
            // A repeated delivery may follow a crash; what counts is the order in which each kind came first.
            let kinds = lines.filter { $0.job == job }.map(\.kind)
            #expect(kinds.first == "created" && kinds.last == "cancelled", "job \(job): \(kinds)")
        }
        #expect(lines.allSatisfy { (1...60).contains($0.event) })
    }

    @Test("a delivery is given up after its attempts, shown, and repeated by a person")
    func givenUp() throws {
        try configure(
            """
            [[hook]]
            name = "broken"
            on = ["created"]
            command = ["/bin/sh", "-c", "[ -e '\(folder.srgan.path("mended"))' ] && cat >> '\(folder.srgan.path("seen"))'"]
            max_attempts = 1

            """)
        var process = try start()
        try waitForStart()
        try folder.enqueue("a.png")
        try wait("not given up") { try run("list", "--json").output.contains(#""given_up":true"#) }
        let shown = try run("list").output
        #expect(
            shown.contains(
                "broken  event 1  created  job 1  given up, 1 attempts failed  /bin/sh ended with exit code 1."))
        // Only one process delivers.
        let second = try run("run")
        #expect(second.status == 75 && second.errors.contains("is in use by process \(process.processIdentifier)"))
        try "".write(toFile: folder.srgan.path("mended"), atomically: true, encoding: .utf8)
        #expect(try run("retry", "--hook", "other").output == "0 deliveries are due again.\n")
        #expect(try run("retry").output == "1 deliveries are due again.\n")
        try wait("not repeated") { lines.map(\.event) == [1] }
        process.terminate()
        process.waitUntilExit()
        // A hook that is no longer configured keeps its deliveries until a person decides.
        try FileManager.default.removeItem(atPath: folder.srgan.path("mended"))
        process = try start()
        try folder.enqueue("b.png")
        try wait("not given up") { try run("list", "--json").output.contains(#""given_up":true"#) }
        process.terminate()
        process.waitUntilExit()
        #expect(try run("forget").output == "1 deliveries were deleted.\n")
        #expect(try run("list").output == "No deliveries wait, and none was given up.\n")
    }

    @Test("commands that show or change deliveries create nothing")
    func looking() throws {
        try configure("[[hook]]\nname = \"x\"\nurl = \"http://127.0.0.1:1/\"\n")
        for command in ["list", "retry", "forget"] {
            let result = try run(command)
            #expect(result.status == 1 && result.errors.contains("There are no deliveries yet"), "\(result.errors)")
        }
        #expect(!folder.srgan.exists("notify"))
    }

    @Test("mistakes of the configuration end it with 78")
    func mistakes() throws {
        try configure("[[hook]]\nname = \"x\"\n")
        let result = try run()
        #expect(result.status == 78 && result.errors.contains("hook[1].command"), "\(result.errors)")
    }
}
