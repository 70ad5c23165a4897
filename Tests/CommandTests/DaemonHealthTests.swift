import DaemonControl
import FaultInjection
import Foundation
import JobQueue
import SystemPackage
import Testing

/// Health as reported to people, scripts, Prometheus and systemd: one judgement, based on actual progress.
@Suite struct DaemonHealthTests {
    /// A daemon that reports a part as stuck after two seconds and whose parts the test can block.
    private struct Patient {
        let daemon: DaemonHarness
        let socket: NotifySocket

        init(worker: String? = nil) throws {
            daemon = try DaemonHarness(
                sections: "[metrics]\nfile = \"srgan.prom\"\ninterval_seconds = 1", worker: worker)
            socket = try NotifySocket(path: daemon.path("notify"))
            try daemon.makeFolder("freeze")
        }

        var environment: [String: String] {
            FaultPlan(freezeFolder: daemon.path("freeze").string, stallSeconds: 2).environment.merging([
                "NOTIFY_SOCKET": socket.path.string, "WATCHDOG_USEC": "900000",
            ]) { $1 }
        }

        func health() throws -> (code: Int32, fields: [String: Any]) {
            let outcome = try jobs("health", "--json")
            let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
            return (outcome.code, object as? [String: Any] ?? [:])
        }

        func jobs(_ arguments: String...) throws -> JobsProgram.Outcome {
            try JobsProgram.run(
                ["--config", daemon.configurationPath.string] + arguments, in: URL(filePath: daemon.root.string))
        }

        /// Seconds for which a part has been stuck, as the daemon reports them; nil while it makes progress.
        func stuck(_ name: String) throws -> Double? {
            guard case .health(let health) = try daemon.ask(.health) else { return nil }
            return health.stuck.first { $0.name == name }?.seconds
        }

        /// The timestamp in the metrics; it changes when they are written.
        func written() throws -> String? {
            try String(contentsOfFile: daemon.path("srgan.prom").string, encoding: .utf8).split(separator: "\n")
                .first { $0.hasPrefix("srgan_metrics_timestamp_seconds ") }.map(String.init)
        }

        /// Waits until the metrics have been written this many times.
        func waitForMetrics(times: Int) throws {
            for _ in 0..<times {
                let before = try written()
                try daemon.wait("the metrics") { try written() != before ? true : nil }
            }
        }

        func waitUntilFed() throws {
            _ = socket.take()
            try daemon.wait("WATCHDOG=1") { socket.take().contains("WATCHDOG=1") ? true : nil }
        }
    }

    @Test(arguments: ["main", "inbox-watcher", "inbox-monitor", "worker-slot-1"])
    func aStuckThreadIsReported(_ name: String) throws {
        let patient = try Patient()
        let daemon = patient.daemon
        try daemon.start(environment: patient.environment)
        try daemon.wait("ready") { try patient.health().code == 0 ? true : nil }
        try patient.waitUntilFed()

        try daemon.write(Data(), to: "freeze/\(name)")
        try daemon.wait("\(name) to be stuck") { try patient.stuck(name) }
        let (code, fields) = try patient.health()
        #expect(code == 1 && fields["state"] as? String == "stalled")
        #expect(fields["live"] as? Bool == true && fields["ready"] as? Bool == false)
        #expect((fields["stuck"] as? [[String: Any]])?.contains { $0["name"] as? String == name } == true)
        // The main thread writes the metrics: if it is stuck, only their age shows this.
        if name != "main" {
            try daemon.wait("the metrics") { daemon.metric("srgan_health{state=\"stalled\"} 1") ? true : nil }
            #expect(daemon.log.contains("The service is stalled: \(name) has made no progress for "))
        }
        // The watchdog is not fed from now on, for the time of several feeds.
        let begin = try #require(try patient.stuck(name))
        try daemon.wait("another second") { try patient.stuck(name) ?? 0 > begin + 1 ? true : nil }
        _ = patient.socket.take()
        try daemon.wait("further seconds") { try patient.stuck(name) ?? 0 > begin + 3 ? true : nil }
        #expect(!patient.socket.take().contains("WATCHDOG=1"))

        try FileManager.default.removeItem(atPath: daemon.path("freeze/\(name)").string)
        try daemon.wait("ready again") { try patient.health().code == 0 ? true : nil }
        try patient.waitUntilFed()
        try daemon.wait("the metrics to report it") { daemon.metric("srgan_health{state=\"ready\"} 1") ? true : nil }
        #expect(try daemon.stop() == 0)
    }

    @Test func aQueueThatCannotBeWrittenIsReported() throws {
        let patient = try Patient()
        let daemon = patient.daemon
        try daemon.start(environment: patient.environment)
        try patient.waitUntilFed()
        // Another program takes the write lock and keeps it.
        let shell = Process()
        let input = Pipe()
        let output = Pipe()
        shell.executableURL = URL(filePath: "/usr/bin/sqlite3")
        shell.arguments = [SQLiteJobStore.path(in: daemon.path("state")).string]
        shell.standardInput = input
        shell.standardOutput = output
        try shell.run()
        defer { shell.waitUntilExit() }
        try input.fileHandleForWriting.write(
            contentsOf: Data("PRAGMA busy_timeout = 60000;\nBEGIN IMMEDIATE;\nSELECT 'held';\n".utf8))
        var said = Data()
        while !String(decoding: said, as: UTF8.self).contains("held") {
            said += output.fileHandleForReading.availableData
        }

        try daemon.wait("the database to be stuck") { try patient.stuck("database") }
        let outcome = try patient.jobs("health")
        #expect(outcome.code == 1 && outcome.output.contains("database has made no progress for "))
        // Other threads wait for the database, but the thread that reports this does not.
        try daemon.wait("the metrics to report it") { daemon.metric("srgan_health{state=\"stalled\"} 1") ? true : nil }
        try patient.waitForMetrics(times: 1)
        _ = patient.socket.take()
        try patient.waitForMetrics(times: 3)
        #expect(!patient.socket.take().contains("WATCHDOG=1"))
        #expect(try patient.jobs("list").code == 0)

        try input.fileHandleForWriting.write(contentsOf: Data("COMMIT;\n".utf8))
        try input.fileHandleForWriting.close()
        try daemon.wait("ready again") { try patient.health().code == 0 ? true : nil }
        try patient.waitUntilFed()
    }

    @Test func aStuckControlThreadIsReported() throws {
        let patient = try Patient()
        let daemon = patient.daemon
        try daemon.start(environment: patient.environment)
        try patient.waitUntilFed()
        try daemon.write(Data(), to: "freeze/control")
        // The control socket does not answer, but the metrics contain the judgement.
        try daemon.wait("the metrics to report it") { daemon.metric("srgan_health{state=\"stalled\"} 1") ? true : nil }
        let (code, fields) = try patient.health()
        #expect(code == 1 && fields["state"] as? String == "stalled")
        #expect(fields["daemon_pid"] as? Int32 == daemon.process?.processIdentifier)
        #expect(fields["stuck"] as? [String] == [])
        _ = patient.socket.take()
        try patient.waitForMetrics(times: 3)
        #expect(!patient.socket.take().contains("WATCHDOG=1"))
        try FileManager.default.removeItem(atPath: daemon.path("freeze/control").string)
        try daemon.wait("ready again") { try patient.health().code == 0 ? true : nil }
    }

    @Test func readyIsReportedAfterTheFirstScan() throws {
        let patient = try Patient()
        let daemon = patient.daemon
        #expect(try patient.health().code == 69)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.write(Data(), to: "freeze/inbox-monitor")
        // The daemon answers and watches, but it is not ready: the first scan of the inbox has not ended.
        try daemon.start(environment: patient.environment)
        let (code, fields) = try patient.health()
        #expect(code == 75 && fields["state"] as? String == "starting" && fields["live"] as? Bool == true)
        #expect(patient.socket.messages.isEmpty)
        try FileManager.default.removeItem(atPath: daemon.path("freeze/inbox-monitor").string)
        try daemon.wait("READY=1") { patient.socket.messages.contains { $0.hasPrefix("READY=1") } ? true : nil }
        try daemon.wait("ready") { try patient.health().code == 0 ? true : nil }
        try daemon.wait(for: "a.png", .completed)
    }

    @Test func startingStoppingStoppedAndKilled() throws {
        let patient = try Patient(
            worker: DaemonHarness.patientWorker)
        let daemon = patient.daemon
        // A second line names the queue.
        let before = try patient.jobs("health")
        #expect(before.code == 69 && before.output.hasPrefix("not running\n") && before.errors.isEmpty)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.start()
        try daemon.wait(for: "a.png", .running)
        let ready = try patient.jobs("health")
        #expect(ready.code == 0 && ready.output.hasPrefix("ready\n"))
        // A process that the scheduler does not run does not answer.
        let pid = try #require(daemon.process).processIdentifier
        kill(pid, SIGSTOP)
        let silent = try patient.jobs("health")
        kill(pid, SIGCONT)
        #expect(silent.code == 1 && silent.output.hasPrefix("stalled: process \(pid) does not answer\n"))

        kill(pid, SIGTERM)
        try daemon.wait("stopping") { try patient.health().fields["state"] as? String == "stopping" ? true : nil }
        #expect(try patient.jobs("health").code == 75)
        try daemon.write(Data(), to: "go")
        #expect(try daemon.exit(of: #require(daemon.process)) == 0)
        #expect(daemon.metric("srgan_health{state=\"stopping\"} 1"))
        #expect(try patient.jobs("health").code == 69)

        try daemon.start()
        try daemon.stop(SIGKILL)
        // The lock file and the socket still exist, but no process holds them.
        let (code, fields) = try patient.health()
        #expect(code == 69 && fields["state"] as? String == "not_running" && fields["daemon_pid"] is NSNull)
        // A process holds the folder but does not listen.
        let lock = try StateLock(directory: daemon.path("state"), version: "1")
        let starting = try patient.jobs("health")
        #expect(starting.code == 75 && starting.output.contains("process \(getpid()) holds the state folder"))
        withExtendedLifetime(lock) {}
    }

    @Test func otherClientsAreServedBesideManySilentOnes() throws {
        let daemon = try DaemonHarness()
        try daemon.start()
        let path = UnixSocketAddress.controlSocket(inState: daemon.path("state"))
        // Each of these clients stays connected and sends nothing.
        let silent = try (0..<40).map { _ in
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            guard try UnixSocketAddress.withAddress(of: path, { connect(descriptor, $0, $1) }) == 0 else {
                throw Errno(rawValue: errno)
            }
            return descriptor
        }
        defer { for descriptor in silent { close(descriptor) } }
        // The daemon answers before it is ready.
        try daemon.wait("the answer of a ready daemon") { () -> Bool? in
            guard case .health(let health) = try daemon.ask(.health) else { return nil }
            return health.state == .ready ? true : nil
        }
    }
}
