import Foundation
import JobPresentation
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage
import Testing

@testable import srgan_jobs

/// What `srgan-jobs` says about the whole queue: which one it is, its state, and when it will be done.
@Suite struct JobsQueueTests {
    private func json(_ outcome: JobsProgram.Outcome) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    @Test func listAndStatsSayWhenTheQueueWillBeDone() throws {
        let folder = try JobsFolder()
        let place = "Queue: \(folder.state.string) (\(folder.srgan.path("config.toml")))"
        try folder.enqueue("done.jpg")
        #expect(
            try folder.run("list").output.hasSuffix(
                "\n\(place)\nno daemon runs, 1 job waits: time left unknown: no job has completed yet\n"))
        try folder.complete(seconds: 2)
        #expect(try folder.run("list").output.hasSuffix("\n\(place)\nno daemon runs, no job waits\n"))
        // Each byte of the completed job was a thousand pixels, of which the machine computed 500,000 in a second.
        try folder.enqueue("a.jpg", bytes: 10_000)
        try folder.enqueue("b.jpg", bytes: 20_000)
        let summary = "no daemon runs, 2 jobs wait: about 1m 00s of work"
        #expect(try folder.run("list").output.hasSuffix("\n\(place)\n\(summary)\n"))
        #expect(
            try folder.run("stats").output.contains(/\nOutlook +no daemon runs, 2 jobs wait: about 1m 00s of work\n/))
        let list = try #require(try json(folder.run("list", "--json"))["queue"] as? [String: Any])
        #expect(list["waiting"] as? Int == 2 && list["running"] as? Int == 0 && list["paused"] as? Bool == false)
        #expect(list["seconds_left"] as? Double == 60 && list["done_at"] is NSNull)
        #expect(list["recent_megapixels_per_second"] as? Double == 0.5)
        #expect(list["state_directory"] as? String == folder.state.string)
        let stats = try json(folder.run("stats", "--json"))
        #expect(
            stats["seconds_left"] as? Double == 60
                && stats["configuration"] as? String == folder.srgan.path("config.toml"))
        #expect(try folder.run("pause").code == 0)
        #expect(try folder.run("list").output.contains("\npaused, no daemon runs, 2 jobs wait: about 1m 00s of work\n"))
    }

    @Test func theOutlookInWords() {
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        let place = QueuePlace(configuration: "/etc/c", stateFolder: "/s")
        func outlook(
            waiting: Int, bytes: Int64 = 0, speed: QueueSpeed?, running: [JobFields] = [], processes: Int = 1,
            paused: Bool = false
        ) -> QueueOutlook {
            QueueOutlook(
                place: place, isPaused: paused, waiting: waiting, waitingBytes: bytes, running: running, speed: speed,
                processes: processes, daemonIsAbsent: false, now: now)
        }
        let speed = QueueSpeed([JobsListingTests.completed(1)])
        // 640 x 480 pixels from 204,800 bytes in 12.288 s.
        #expect(speed?.seconds(bytes: 204_800) == 12.288)
        #expect(QueueSpeed([JobsListingTests.job(1, .failed)]) == nil)
        #expect(outlook(waiting: 0, speed: nil).summary(timeZone: .gmt) == "no job waits")
        #expect(
            outlook(waiting: 10, bytes: 10 * 204_800, speed: speed).summary(timeZone: .gmt)
                == "10 jobs wait: done by 22:15, in about 2m 03s")
        #expect(outlook(waiting: 10, bytes: 10 * 204_800, speed: speed, processes: 2).secondsLeft == 61.44)
        // A running job is estimated too: 2 of its seconds are over.
        var running = JobFields(job: JobsListingTests.job(1, .running), now: now)
        running.job.startedAt = now - 2
        #expect(
            outlook(waiting: 0, speed: speed, running: [running]).summary(timeZone: .gmt)
                == "1 runs: done by 22:13, in about 10.3s")
        let paused = outlook(waiting: 1, bytes: 204_800, speed: speed, paused: true)
        #expect(paused.summary(timeZone: .gmt) == "paused, 1 job waits: about 12.3s of work" && paused.doneAt == nil)
        #expect(
            QueueSpeed(
                [1.0, 2, 90].map { seconds in
                    var job = JobsListingTests.completed(1)
                    job.metrics?.totalSeconds = seconds
                    return job
                })?.pixelsPerSecond == 153_600.0)
    }

    @Test func everyCommandSaysThatThereIsNoQueue() throws {
        let srgan = try SrganRunner()
        try JobsFolder.configuration.write(toFile: srgan.path("config.toml"), atomically: true, encoding: .utf8)
        let message = """
            srgan-jobs: There is no queue in \(srgan.path("state")) yet: srgand has not run with \(srgan.path("config.toml")).

            """
        for command in [
            "list", "ls", "list --json", "stats", "show 1", "wait 1", "pause", "resume", "add x.png", "retry 1",
            "cancel 1",
            "cancel --all", "prune --older-than 1d", "backup copy.db",
        ] {
            let outcome = try JobsProgram.run(
                command.split(separator: " ").map(String.init), in: URL(filePath: srgan.folder.path))
            #expect(outcome.code == 69 && outcome.output.isEmpty, "\(command)")
            let expected = command.contains("--json") ? jsonErrorText(message) : message
            #expect(outcome.errors == expected, "\(command)")
        }
    }

    /// The message as `--json` prints it.
    private func jsonErrorText(_ message: String) -> String {
        JSONValue.object([
            ("version", 1), ("error", .string(String(message.dropFirst("srgan-jobs: ".count).dropLast()))),
        ]).text + "\n"
    }

    /// A mistake in the configuration must not lock people out of the queue of a daemon that still runs.
    @Test(arguments: ["format = \"bmp\"", "oops", "[["])
    func aConfigurationWithAMistake(_ mistake: String) throws {
        let folder = try JobsFolder()
        try folder.enqueue("a.jpg")
        try folder.configure(JobsFolder.configuration + mistake + "\n")
        for command in ["list", "stats", "show 1", "pause", "resume", "prune --older-than 1d", "backup copy.db"] {
            let outcome = try folder.run(line: command)
            #expect(outcome.code == 0, "\(command): \(outcome.errors)")
            #expect(outcome.errors.hasPrefix("srgan-jobs: Warning: config.toml:"), "\(outcome.errors)")
            #expect(outcome.errors.hasSuffix(" The queue in \(folder.state.string) is used nevertheless.\n"))
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
        #expect(try folder.run("health").code == 69)
        // Without a daemon these need the whole configuration.
        #expect(try folder.run("add", "a.jpg").code == 78)
    }

    @Test func aConfigurationWithoutAStateFolderIsRejected() throws {
        let folder = try JobsFolder()
        try folder.configure("[[inbox]]\npath = \"a\"\noutbox = \"b\"\n")
        let outcome = try folder.run("list")
        #expect(outcome.code == 78 && outcome.errors.contains("state.directory: is missing"))
    }

    @Test func healthNamesTheQueue() throws {
        let folder = try JobsFolder()
        let health = try folder.run("health")
        #expect(
            health.output == "not running\nQueue: \(folder.state.string) (\(folder.srgan.path("config.toml")))\n")
        #expect(try json(folder.run("health", "--json"))["state_directory"] as? String == folder.state.string)
        #expect(try json(folder.run("health", "--json"))["paused"] as? Bool == false)
    }

    @Test func healthSaysThatTheQueueIsPaused() throws {
        let daemon = try DaemonHarness()
        try daemon.start()
        func run(_ arguments: String...) throws -> String {
            try JobsProgram.run(
                ["--config", daemon.configurationPath.string] + arguments, in: URL(filePath: daemon.root.string)
            ).output
        }
        try daemon.wait("a ready daemon") { try run("health").hasPrefix("ready") ? true : nil }
        #expect(try !run("health").contains("paused") && run("health", "--json").contains("\"paused\":false"))
        _ = try run("pause")
        #expect(try run("health").hasPrefix("ready: a person paused the queue (srgan-jobs resume)\n"))
        #expect(try run("health", "--json").contains("\"paused\":true"))
    }

    @Test func jsonWhereverItIsAskedFor() throws {
        let folder = try JobsFolder()
        try folder.enqueue("a.jpg")
        #expect(try folder.run("pause", "--json").output == "{\"version\":1,\"paused\":true}\n")
        #expect(try folder.run("resume", "--json").output == "{\"version\":1,\"paused\":false}\n")
        let wait = try folder.run("wait", "--json", "--timeout", "0s", "1")
        let jobs = try #require(try json(wait)["jobs"] as? [[String: Any]])
        #expect(wait.code == 75 && jobs.map { $0["state"] as? String } == ["available"])
        #expect(wait.errors == "{\"version\":1,\"error\":\"Timed out; not ended: 1.\"}\n")
        let alone = try folder.run("wait", "--json", "1")
        #expect(try alone.code == 69 && (json(alone)["jobs"] as? [Any])?.count == 1)
        #expect(try folder.run("show", "--json", "7").errors == "{\"version\":1,\"error\":\"There is no job 7.\"}\n")
        for arguments in [["list", "--limit", "-1"], ["wait", "x"], ["lst"], ["list", "--frobnicate"], ["cancel"]] {
            let outcome = try JobsProgram.run(arguments + ["--json"], in: folder.url)
            #expect(outcome.code == 64 && outcome.output.isEmpty)
            let object = try JSONSerialization.jsonObject(with: Data(outcome.errors.utf8)) as? [String: Any]
            #expect((object?["error"] as? String)?.isEmpty == false, "\(outcome.errors)")
        }
        #expect(try folder.run("lst", "--json").errors.contains("Did you mean 'list'?"))
    }

    @Test func showNamesTheModelAndTheSettings() throws {
        let folder = try JobsFolder()
        let model = try RegularFile.sha256(FilePath(folder.srgan.path("models/tiny.safetensors")))
        let settings =
            #"{"compression":3,"format":"png","keepGPS":false,"keepMetadata":true,"overlap":20,"quality":90,"tile":128}"#
        try folder.enqueue("a.jpg", model: model, settings: settings)
        try folder.enqueue("b.jpg")
        let show = try folder.run("show", "1").output
        #expect(show.contains(/\nModel +tiny\n/))
        #expect(
            show.contains(
                /\nSettings +format png, quality 90, compression 3, metadata kept without GPS, tiles of 128, overlap 20\n/
            ))
        #expect(try (json(folder.run("show", "1", "--json"))["job"] as? [String: Any])?["model"] as? String == "tiny")
        try folder.enqueue(
            "c.jpg", model: model, settings: settings.replacing(#""overlap":20"#, with: #""overlap":-1"#))
        #expect(try folder.run("show", "3").output.contains(", overlap of the model\n"))
        let jobs = try #require(try json(folder.run("list", "--json"))["jobs"] as? [[String: Any]])
        #expect(jobs[0]["model"] as? String == "tiny" && jobs[1]["model"] is NSNull)
    }
}
