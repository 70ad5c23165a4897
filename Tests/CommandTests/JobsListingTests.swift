import DaemonControl
import Foundation
import JobPresentation
import SystemPackage
import Testing
import UpscaleDaemon
import WorkerProtocol

@testable import JobQueue
@testable import srgan_jobs

/// What `list`, `show`, `stats`, `wait` and `add` print about jobs.
@Suite struct JobsListingTests {
    private static let now = Date(timeIntervalSince1970: 1_700_000_000)
    private static let hash = String(repeating: "ab", count: 32)

    /// A job as the queue returns it.
    static func job(_ id: Int64, _ state: JobState, _ name: FilePath = "holiday/a.jpg") -> Job {
        let input = NewJob(
            source: FilePath("/inbox").pushing(name), inbox: "/inbox", spool: "/state/spool/1", contentSHA256: hash,
            contentSize: 204_800, sourceStamp: "", modelSHA256: hash, settings: #"{"format":"same"}"#,
            outputFolder: "/outbox", outputName: "a.jpg")
        return Job(
            id: id, state: state, input: input, attempt: 1, needsDisposal: false, createdAt: now - 100,
            queuedAt: now - 100, startedAt: now - 60)
    }

    static func completed(_ id: Int64) -> Job {
        var job = job(id, .completed)
        var metrics = JobMetrics()
        metrics.waitSeconds = 40
        metrics.decodeSeconds = 0.5
        metrics.upscaleSeconds = 11
        metrics.encodeSeconds = 0.75
        metrics.publishSeconds = 0.01
        metrics.totalSeconds = 12.288
        metrics.cpuSeconds = 22.5
        metrics.peakMemoryBytes = 312_000_000
        metrics.tiles = 20
        metrics.inputWidth = 640
        metrics.inputHeight = 480
        metrics.outputWidth = 2560
        metrics.outputHeight = 1920
        metrics.outputBytes = 3_900_000
        metrics.notes = ["CMYK was converted to sRGB."]
        metrics.kernels = "avx2"
        job.metrics = metrics
        job.output = "/outbox/holiday/a.jpg"
        job.outputSHA256 = hash
        job.disposedSource = "/archive/holiday/a.jpg"
        job.finishedAt = now - 47
        return job
    }

    private static var jobs: [Job] {
        var reused = completed(2)
        reused.reusedJobID = 1
        var failed = job(3, .failed, "b\u{1B}[2J.png")
        failed.reason = .truncated
        failed.message = "The file ends in the middle of the image."
        failed.finishedAt = now - 10
        var retryable = job(4, .retryable, "c.webp")
        retryable.reason = .diskFull
        retryable.message = "The disk is full."
        retryable.runAfter = now + 20
        var waiting = job(6, .available, "e.png")
        waiting.attempt = 0
        waiting.startedAt = nil
        return [completed(1), reused, failed, retryable, job(5, .running, "d.jpg"), waiting]
    }

    private static let daemon = DaemonPresence.present(
        DaemonStatus(
            pid: 4711, version: "0.1.0", startedAt: now - 1000, paused: false,
            running: [
                RunningJob(
                    id: 5, workerPID: 4712, startedAt: now - 60, firstTileAt: now - 56, tilesDone: 7, tilesTotal: 20,
                    inputWidth: 800, inputHeight: 600)
            ]))

    @Test func theListReadsWell() {
        let listing = JobListing(jobs: Self.jobs, daemon: Self.daemon, now: Self.now)
        let lines = listing.lines(now: Self.now, timeZone: .gmt, width: nil, colours: false)
        #expect(
            lines
                == [
                    "ID  STATE      FILE           SIZE                    TIME  MPIXEL/S  WHEN      NOTE",
                    " 1  completed  holiday/a.jpg  640x480 -> 2560x1920   12.3s     0.025  22:12:33",
                    " 2  completed  holiday/a.jpg  640x480 -> 2560x1920   12.3s            22:12:33  same as job 1",
                    " 3  failed     b\\x1b[2J.png                                           22:13:10  truncated",
                    " 4  retryable  c.webp                                                 22:12:20  disk_full, again in 20.0s",
                    " 5  running    d.jpg          800x600               1m 00s            22:12:20  7/20 tiles, 1m 44s left",
                    " 6  available  e.png                                                  22:11:40",
                ])
        #expect(
            JobListing(jobs: [], daemon: .absent, now: Self.now).lines(
                now: Self.now, timeZone: .gmt, width: nil, colours: false) == ["No jobs."])
    }

    @Test func theListFitsTheTerminal() {
        let listing = JobListing(jobs: Self.jobs, daemon: Self.daemon, now: Self.now)
        for line in listing.lines(now: Self.now, timeZone: .gmt, width: 100, colours: false) {
            #expect(TerminalText.width(line) <= 100)
        }
        let coloured = listing.lines(now: Self.now, timeZone: .gmt, width: nil, colours: true)
        #expect(coloured[1].contains("\u{1B}[32mcompleted\u{1B}[0m"))
    }

    @Test func aRunningJobWithoutADaemonSaysSo() {
        let lines = JobListing(jobs: [Self.job(5, .running)], daemon: .absent, now: Self.now)
            .lines(now: Self.now, timeZone: .gmt, width: nil, colours: false)
        #expect(lines[1].hasSuffix("no daemon runs"))
        // A daemon that is too busy to answer is not absent.
        let silent = JobListing(jobs: [Self.job(5, .running)], daemon: .silent, now: Self.now)
            .lines(now: Self.now, timeZone: .gmt, width: nil, colours: false)
        #expect(!silent[1].contains("daemon"))
    }

    /// The fields in docs/cli.md: scripts rely on each of them.
    static let fields = [
        "id", "state", "input", "input_base64", "output", "output_base64", "attempt", "reason", "message",
        "input_width", "input_height", "output_width", "output_height", "seconds", "megapixels_per_second",
        "wait_seconds", "decode_seconds", "upscale_seconds", "encode_seconds", "publish_seconds", "cpu_seconds",
        "peak_memory_bytes", "tiles", "tiles_done", "seconds_left", "input_bytes", "output_bytes", "input_sha256",
        "output_sha256", "model_sha256", "settings", "reused_job", "notes", "created_at", "started_at", "finished_at",
        "run_after", "inbox", "inbox_base64", "original", "original_base64", "model", "kernels",
    ]

    @Test func jsonHasEveryFieldInEveryState() throws {
        let text = JobListing(jobs: Self.jobs, daemon: Self.daemon, now: Self.now).json.text
        let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(root["version"] as? Int == 1)
        let jobs = try #require(root["jobs"] as? [[String: Any]])
        #expect(jobs.map { $0["id"] as? Int } == [1, 2, 3, 4, 5, 6])
        for job in jobs { #expect(Set(job.keys) == Set(Self.fields)) }
        let first = jobs[0]
        #expect(first["state"] as? String == "completed" && first["input"] as? String == "/inbox/holiday/a.jpg")
        #expect(first["output"] as? String == "/outbox/holiday/a.jpg" && first["seconds"] as? Double == 12.288)
        #expect(first["input_width"] as? Int == 640 && first["output_height"] as? Int == 1920)
        #expect(first["megapixels_per_second"] as? Double == 0.025 && first["reason"] is NSNull)
        #expect(first["finished_at"] as? String == "2023-11-14T22:12:33.000Z")
        #expect(first["kernels"] as? String == "avx2" && jobs[4]["kernels"] is NSNull)
        #expect(first["notes"] as? [String] == ["CMYK was converted to sRGB."])
        #expect(jobs[4]["tiles_done"] as? Int == 7 && jobs[4]["seconds_left"] as? Double == 104)
        // One job per line, for grep.
        #expect(text.split(separator: "\n").count == 8)
    }

    @Test func theManualDescribesEveryField() throws {
        let repository = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let manual = try String(contentsOf: repository.appending(path: "docs/cli.md"), encoding: .utf8)
        for field in Self.fields { #expect(manual.contains("`\(field)`"), "docs/cli.md lacks \(field)") }
        for reason in FailureReason.allCases { #expect(manual.contains("`\(reason.rawValue)`")) }
    }

    @Test func aNameThatIsNotUTF8KeepsItsBytes() throws {
        let name = [0x66, 0xFF, 0x2E, 0x6A, 0].map { CChar(truncatingIfNeeded: $0) }
            .withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
        let fields = JobFields(job: Self.job(1, .available, name), now: Self.now)
        #expect(fields.name == #"f\xff.j"#)
        let object = try JSONSerialization.jsonObject(with: Data(fields.json.text.utf8)) as? [String: Any]
        #expect(object?["input"] as? String == #"/inbox/f\xff.j"#)
        #expect(object?["input_base64"] as? String == Data("/inbox/f".utf8 + [0xFF] + ".j".utf8).base64EncodedString())
        #expect(object?["output_base64"] is NSNull)
    }

    @Test func theSheetShowsEveryFact() {
        let fields = JobFields(job: Self.completed(1), now: Self.now)
        #expect(
            JobSheet(fields: fields).lines(timeZone: .gmt, colours: false) == [
                "Job             1",
                "State           completed",
                "Attempt         1",
                "Input           /inbox/holiday/a.jpg",
                "Inbox           /inbox",
                "Original        /archive/holiday/a.jpg",
                "Output          /outbox/holiday/a.jpg",
                "Size            640x480 -> 2560x1920",
                "Input file      204.8 kB",
                "Output file     3.9 MB",
                "Created         2023-11-14 22:11:40 +0000",
                "Started         2023-11-14 22:12:20 +0000",
                "Finished        2023-11-14 22:12:33 +0000",
                "Waited          40.0s",
                "Decode          0.50s",
                "Upscale         11.0s",
                "Encode          0.75s",
                "Publish         0.01s",
                "Total           12.3s",
                "CPU time        22.5s",
                "Speed           0.025 Mpixel/s",
                "Tiles           20",
                "Peak memory     312.0 MB",
                "Kernels         avx2",
                "Note            CMYK was converted to sRGB.",
                #"Settings        {"format":"same"}"#,
                "Input SHA-256   \(Self.hash)",
                "Output SHA-256  \(Self.hash)",
                "Model SHA-256   \(Self.hash)",
            ])
        let failed = JobSheet(fields: JobFields(job: Self.jobs[2], now: Self.now)).lines(timeZone: .gmt, colours: false)
        #expect(failed.contains("Reason         truncated"))
        #expect(failed.contains("Message        The file ends in the middle of the image."))
        #expect(failed.contains(#"Input          /inbox/b\x1b[2J.png"#))
    }

    @Test func statistics() throws {
        var statistics = QueueStatistics()
        for state in JobState.allCases { statistics.jobsByState[state] = 0 }
        statistics.jobsByState[.completed] = 2
        statistics.jobsByState[.failed] = 3
        statistics.failuresByReason = [.corrupt: 1, .truncated: 2]
        statistics.inputPixels = 3_000_000
        statistics.outputPixels = 48_000_000
        statistics.tiles = 40
        statistics.totalSeconds = 30
        statistics.reused = 1
        let queue = QueueOutlook(
            place: QueuePlace(configuration: "/etc/srgan/config.toml", stateFolder: "/var/lib/srgan"), isPaused: true,
            waiting: 0, waitingBytes: 0, running: [], speed: nil, processes: 1, daemonIsAbsent: false, now: Self.now)
        let sheet = StatisticsSheet(statistics: statistics, queue: queue, daemon: 4711)
        let lines = sheet.lines(timeZone: .gmt)
        for line in [
            "Daemon          running, process 4711", "Queue           paused", "completed       2", "failed          3",
            "  truncated     2", "  corrupt       1", "Pixels in       3.0 Mpixel", "Tiles           40",
            "Time: total     30.0s, 15.0s a job", "Speed           0.100 Mpixel/s",
        ] {
            #expect(lines.contains(line), "\(line) is not in \(lines)")
        }
        let object = try JSONSerialization.jsonObject(with: Data(sheet.json.text.utf8)) as? [String: Any]
        #expect(object?["version"] as? Int == 1 && object?["paused"] as? Bool == true)
        #expect((object?["jobs"] as? [String: Int])?.count == JobState.allCases.count)
        #expect(object?["failures"] as? [String: Int] == ["truncated": 2, "corrupt": 1])
        #expect((object?["seconds"] as? [String: Double])?["total"] == 30)
    }

    @Test func theLinesOfWaitAndAdd() {
        #expect(WaitCommand.line(Self.completed(1)) == "1 completed /outbox/holiday/a.jpg")
        #expect(WaitCommand.line(Self.jobs[2]) == "3 failed truncated: The file ends in the middle of the image.")
        #expect(WaitCommand.line(Self.job(9, .cancelled)) == "9 cancelled")
        #expect(FileResult(path: "/a", outcome: FileOutcome(kind: .created, id: 3)).line == "3 /a")
        #expect(
            FileResult(path: "/a", outcome: FileOutcome(kind: .alreadyQueued, id: 3)).line == "3 /a (queued already)")
        let refused = FileResult(path: "/a", outcome: FileOutcome(kind: .refused, message: "It has 0 bytes."))
        #expect(refused.line == nil && refused.refusal == "/a: It has 0 bytes.")
    }

    @Test func namesOnTheCommandLineAreBytes() {
        let strange = [0x2F, 0xFF, 0].map { CChar(truncatingIfNeeded: $0) }
            .withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
        let arguments: [FilePath] = ["add", "--inbox", "/in", strange, "/b"]
        #expect(Arguments.paths([strange.string, "/b"], arguments: arguments) == [strange, "/b"])
        #expect(Arguments.paths(["c"], arguments: ["add", "c"])[0].isAbsolute)
    }
}
