import DaemonControl
import Foundation
import JobQueue
import SystemPackage
import Testing

/// Requests to a running daemon, and its reports to people and to systemd.
@Suite struct DaemonControlTests {

    @Test func pauseCancelRetryAndResume() throws {
        let daemon = try DaemonHarness(worker: DaemonHarness.patientWorker)
        try daemon.start()
        #expect(try daemon.ask(.pause) == .done)
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        let waiting = try daemon.wait(for: "a.png", .available)
        #expect(try daemon.status()?.paused == true)

        // Cancels a waiting job.
        #expect(try daemon.ask(.cancel(ids: [waiting.id])) == .jobs([JobOutcome(id: waiting.id, changed: true)]))
        try daemon.wait(for: "a.png", .cancelled)
        #expect(daemon.exists("inbox/a.png"))
        #expect(daemon.files(below: "state/spool") == [])

        // Cancels a running job.
        #expect(try daemon.ask(.retry(ids: [waiting.id])) == .jobs([JobOutcome(id: waiting.id, changed: true)]))
        #expect(try daemon.ask(.resume) == .done)
        try daemon.wait(for: "a.png", .running)
        let worker = try daemon.wait("the worker") { try daemon.status()?.running.first?.workerPID }
        #expect(try daemon.ask(.cancel(ids: [waiting.id])) == .jobs([JobOutcome(id: waiting.id, changed: true)]))
        try daemon.wait(for: "a.png", .cancelled)
        try daemon.wait("the worker's end") { kill(worker, 0) == -1 ? true : nil }
        try daemon.wait("the temporary output to be gone") { daemon.files(below: "outbox").isEmpty ? true : nil }
        #expect(daemon.exists("inbox/a.png"))

        // Finally the job is completed.
        try daemon.write(Data(), to: "go")
        _ = try daemon.ask(.retry(ids: [waiting.id]))
        let job = try daemon.wait(for: "a.png", .completed)
        #expect(job.attempt == 1)
        #expect(daemon.files(below: "archive") == ["a.png"])
        try daemon.wait("the spooled copies to be gone") { daemon.files(below: "state/spool").isEmpty ? true : nil }
        guard case .jobs(let outcomes) = try daemon.ask(.cancel(ids: [waiting.id, 99])) else {
            Issue.record("no outcomes")
            return
        }
        #expect(outcomes.map(\.changed) == [false, false])
        #expect(outcomes.map(\.message) == ["Job \(waiting.id) is completed.", "There is no job 99."])
    }

    @Test func addedFilesStayWhereTheyAre() throws {
        let daemon = try DaemonHarness()
        try daemon.start()
        try daemon.write(DaemonSamples.png, to: "mine/a.png")
        let paths = [daemon.path("mine/a.png"), daemon.path("mine/none.png"), FilePath("relative.png")]
        guard case .files(let outcomes) = try daemon.ask(.add(paths: paths, inbox: nil)) else {
            Issue.record("no outcomes")
            return
        }
        #expect(outcomes.map(\.kind) == [.created, .refused, .refused])
        try daemon.wait(for: "a.png", .completed)
        #expect(daemon.exists("mine/a.png"))
        #expect(daemon.files(below: "outbox") == ["a.png"])
        let error = #expect(throws: ControlError.self) { try daemon.ask(.add(paths: paths, inbox: "/no/inbox")) }
        #expect(error?.code == .refused)
    }

    /// The tree of an added folder is mirrored in the outbox, as that of an inbox is.
    @Test func anAddedFolderKeepsItsTree() throws {
        let daemon = try DaemonHarness()
        for (number, name) in ["same.png", "a/same.png", "a/b/same.png", "@eaDir/same.png"].enumerated() {
            try daemon.write(DaemonSamples.png(variant: number), to: "mine/\(name)")
        }
        try daemon.write(DaemonSamples.png(variant: 9), to: "single/other.png")
        symlink("/etc", daemon.path("mine/link").string)
        try daemon.start()
        let outcome = try JobsProgram.run(
            ["add", "--config", daemon.configurationPath.string, "mine", "single/other.png"],
            in: URL(filePath: daemon.root.string))
        #expect(outcome.code == 0 && outcome.output.split(separator: "\n").count == 4, "\(outcome)")
        try daemon.wait("four jobs") { daemon.endedJobs() == 4 ? true : nil }
        #expect(daemon.files(below: "outbox") == ["a/b/same.png", "a/same.png", "other.png", "same.png"])
        try daemon.makeFolder("empty")
        let empty = try JobsProgram.run(
            ["add", "--config", daemon.configurationPath.string, "empty"], in: URL(filePath: daemon.root.string))
        #expect(empty.code != 0 && empty.errors.contains("has no file to add"))
    }

    @Test func aFailedJobIsRetriedFromTheFailedFolder() throws {
        let daemon = try DaemonHarness(
            worker: #"""
                if [ ! -e go ]; then
                    echo '{"event":"error","reason":"corrupt","message":"It is broken."}' >&2
                    exit 65
                fi
                exec "$SRGAN" "$@"
                """#)
        try daemon.write(DaemonSamples.png, to: "inbox/sub/a.png")
        try daemon.start()
        let failed = try daemon.wait(for: "a.png", .failed)
        #expect(daemon.files(below: "failed") == ["sub/a.png", "sub/a.png.reason.txt"])
        try daemon.write(Data(), to: "go")
        _ = try daemon.ask(.retry(ids: [failed.id]))
        try daemon.wait(for: "a.png", .completed)
        #expect(daemon.files(below: "failed") == [])
        #expect(daemon.files(below: "archive") == ["sub/a.png"])
        #expect(daemon.files(below: "outbox") == ["sub/a.png"])
    }

    @Test func aReloadAcceptsOnlyGoodConfigurations() throws {
        let daemon = try DaemonHarness()
        try daemon.start()
        let pid = try #require(daemon.process).processIdentifier
        let good = try String(contentsOfFile: daemon.configurationPath.string, encoding: .utf8)
        try daemon.configure(good + "\n[nonsense]\n")
        kill(pid, SIGHUP)
        try daemon.wait("the refusal") { daemon.log.contains("nonsense: is not a known key") ? true : nil }
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        try daemon.wait(for: "a.png", .completed)

        try daemon.configure(
            good + "\n[[inbox]]\npath = \"inbox2\"\noutbox = \"outbox2\"\nmodel = \"tiny\"\nsettle_seconds = 0.3\n")
        kill(pid, SIGHUP)
        try daemon.wait("the new inbox") { daemon.exists("inbox2") ? true : nil }
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox2/b.png")
        try daemon.wait(for: "b.png", .completed)
        #expect(daemon.files(below: "outbox2") == ["b.png"])
        #expect(try daemon.status()?.pid == pid)
    }

    @Test func theListWorksWithALiveKilledAndStoppedDaemon() throws {
        let daemon = try DaemonHarness(worker: DaemonHarness.patientWorker)
        func states() throws -> [String?] { try daemon.list().map { $0["state"] as? String } }
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.start()
        try daemon.wait(for: "a.png", .running)
        #expect(try states() == ["running"])
        try daemon.stop(SIGKILL)
        #expect(try states() == ["running"])
        try daemon.write(Data(), to: "go")
        try daemon.start()
        try daemon.wait(for: "a.png", .completed)
        #expect(try states() == ["completed"])
        #expect(try daemon.stop() == 0)
        #expect(try states() == ["completed"])
        let job = try #require(try daemon.list().first)
        #expect(job["output"] as? String == daemon.path("outbox/a.png").string)
        #expect(job["input_width"] as? Int == 12)
    }

    @Test func systemdIsNotifiedAndMetricsAreWritten() throws {
        let daemon = try DaemonHarness(sections: "[metrics]\nfile = \"srgan.prom\"\ninterval_seconds = 1")
        let socket = try NotifySocket(path: daemon.path("notify"))
        try daemon.start(environment: ["NOTIFY_SOCKET": socket.path.string, "WATCHDOG_USEC": "900000"])
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.wait(for: "a.png", .completed)
        try daemon.wait("READY and WATCHDOG") {
            let messages = socket.messages
            return messages.contains { $0.hasPrefix("READY=1") } && messages.contains("WATCHDOG=1") ? true : nil
        }
        #expect(try daemon.stop() == 0)
        #expect(socket.messages.contains { $0.hasPrefix("STOPPING=1") })
        let metrics = try String(contentsOfFile: daemon.path("srgan.prom").string, encoding: .utf8)
        #expect(metrics.contains("srgan_jobs{state=\"completed\"} 1\n"))
        #expect(metrics.contains("srgan_input_pixels 96\n"))
        #expect(!metrics.contains("a.png"))
        #expect(!daemon.exists("state/control.sock"))
    }
}

/// systemd's end of the notification socket.
final class NotifySocket {
    let path: FilePath
    private let descriptor: Int32
    private var received: [String] = []

    init(path: FilePath) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let descriptor = descriptor
        guard try UnixSocketAddress.withAddress(of: path, { bind(descriptor, $0, $1) }) == 0 else {
            throw Errno(rawValue: errno)
        }
    }

    deinit { close(descriptor) }

    /// The messages since the last call.
    func take() -> [String] {
        defer { received = [] }
        return messages
    }

    /// All messages so far.
    var messages: [String] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return received }
            received.append(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
    }
}
