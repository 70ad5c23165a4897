import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing
import WorkerProtocol

@testable import ServiceConfiguration
@testable import UpscaleDaemon

@Suite struct WorkerReportTests {
    private func line(_ text: String) -> WorkerLine { WorkerLine(Array(text.utf8)) }

    @Test(arguments: [
        "libvips says: \u{1b}[31mno", "{", "{}", "[1]", #"{"event":7}"#, #"{"event":"new"}"#, "", "\u{0}",
    ])
    func whatIsNoEventIsEscapedText(words: String) {
        guard case .text(let shown) = line(words) else {
            Issue.record("\(words) is an event")
            return
        }
        #expect(!shown.unicodeScalars.contains { $0.value < 32 })
    }

    private func report(
        _ ending: WorkerReport.Ending, lines: [String] = [], interruption: WorkerReport.Interruption? = nil
    ) -> WorkerReport {
        var report = WorkerReport()
        report.ending = ending
        report.interruption = interruption
        for text in lines { report.add(line(text)) }
        return report
    }

    private let limits: WorkerLimits

    init() throws {
        let configuration = try Configuration.parse(
            "[state]\ndirectory=\"s\"\n[[inbox]]\npath=\"i\"\noutbox=\"o\"\n[workers]\ntimeout_seconds=5\nthreads=1",
            path: "/c.toml")
        limits = WorkerLimits(configuration, cores: 1)
    }

    private func reason(_ report: WorkerReport, size: Int64 = 0) -> FailureReason? {
        guard case .failed(let reason, let message) = report.verdict(outputSize: size, limits: limits) else {
            return nil
        }
        return message.isEmpty ? nil : reason
    }

    @Test func everyReasonOfAWorkerIsKept() {
        for expected in FailureReason.allCases {
            let line = #"{"event":"error","reason":"\#(expected.rawValue)","message":"M."}"#
            #expect(reason(report(.exited(1), lines: [line])) == expected)
        }
    }

    @Test(arguments: [
        (WorkerReport.Ending.exited(0), FailureReason.workerCrashed), (.exited(1), .workerCrashed),
        (.exited(64), .configuration), (.exited(78), .modelUnusable), (.exited(65), .corrupt),
        (.signalled(11), .workerCrashed), (.signalled(9), .workerCrashed), (.signalled(24), .workerTimedOut),
    ])
    func aWorkerThatGivesNoReason(ending: WorkerReport.Ending, expected: FailureReason) {
        #expect(reason(report(ending)) == expected)
    }

    /// Kernels round differently, so the job says which it was. A worker is not trusted with the text.
    @Test func theKernelsAreKept() {
        func kernels(_ name: String) -> String? {
            report(.exited(0), lines: [#"{"event":"start","kernels":"\#(name)"}"#]).kernels
        }
        #expect(kernels("avx2") == "avx2" && kernels("") == nil && report(.exited(0)).kernels == nil)
        #expect(kernels(#"a\u001bb"#)?.contains("\u{1b}") == false)
        #expect(kernels(String(repeating: "x", count: 1000))?.count == 40)
    }

    @Test func interruptionsComeFirst() {
        let error = #"{"event":"error","reason":"truncated","message":"M."}"#
        #expect(reason(report(.signalled(9), lines: [error], interruption: .timedOut)) == .workerTimedOut)
        #expect(reason(report(.signalled(9), interruption: .formatNotAllowed("png"))) == .unsupportedFormat)
        #expect(report(.signalled(9), interruption: .cancelled).verdict(outputSize: 0, limits: limits) == .cancelled)
        guard case .release = report(.signalled(9), interruption: .stopping).verdict(outputSize: 0, limits: limits)
        else {
            Issue.record("a stop counts the attempt")
            return
        }
    }

    /// Only what says something about the job counts as its attempt.
    @Test func anErrorOfTheSystemIsNotTheJobsFault() {
        func outcome(_ number: Int32) -> AttemptOutcome? {
            AttemptOutcome(FileError.system("opened", "/spool/1", number: number))
        }
        for number in [ENOSPC, EDQUOT] {
            guard case .failed(.diskFull, let message, nil) = outcome(number) else {
                Issue.record("error \(number) is no full disk")
                continue
            }
            #expect(message.hasPrefix("/spool/1 cannot be opened: "))
        }
        for number in [EMFILE, ENFILE, ENOMEM, EAGAIN] {
            guard case .released = outcome(number) else {
                Issue.record("error \(number) counts")
                continue
            }
        }
        guard case .failed(.inputOutputError, _, nil) = outcome(EIO) else {
            Issue.record("EIO is not tried again")
            return
        }
        #expect(AttemptOutcome(FileError(.notDurable, "It cannot be synced.", systemError: EIO)) == nil)
    }

    @Test(arguments: [
        (
            WorkerReport.Ending.signalled(6),
            "Fatal error: failed to allocate 100320000 bytes of memory with alignment 64",
            FailureReason.outOfMemory, "limits.worker_memory_mb allows 2064 MB"
        ),
        (.exited(1), "tail: memory exhausted", .outOfMemory, "limits.worker_memory_mb"),
        (
            .exited(75), #"{"event":"error","reason":"out_of_memory","message":"M."}"#, .outOfMemory,
            "M. (limits.worker_memory_mb"
        ),
        (.signalled(SIGXCPU), "", .workerTimedOut, "workers.timeout_seconds = 5 allows 10 seconds of CPU"),
        (.signalled(SIGXFSZ), "", .outputTooLarge, "limits.max_megapixels allows 208067 MB"),
    ])
    func aLimitThatWasReachedIsNamedWithItsValueAndKey(
        ending: WorkerReport.Ending, words: String, reason: FailureReason, message: String
    ) {
        guard case .failed(let found, let text) = report(ending, lines: [words]).verdict(outputSize: 0, limits: limits)
        else {
            Issue.record("no failure")
            return
        }
        #expect(found == reason)
        #expect(text.contains(message), "\(text)")
    }

    @Test func successNeedsAResultAndBytes() {
        let line =
            #"{"event":"result","input_width":2,"output_width":8,"format":"png","notes":["N."],"decode_seconds":0.5}"#
        let report = report(.exited(0), lines: ["noise", line])
        #expect(reason(report, size: 0) == .workerCrashed)
        guard case .succeeded(let result) = report.verdict(outputSize: 1, limits: limits) else {
            Issue.record("no success")
            return
        }
        #expect(result.format == "png")
        let metrics = JobMetrics(result, kernels: "avx2")
        #expect(metrics.outputWidth == 8)
        #expect(metrics.decodeSeconds == 0.5)
        #expect(metrics.notes == ["N."] && metrics.kernels == "avx2")
    }
}

/// Real processes: shell scripts that behave as badly as a worker can.
@Suite struct WorkerProcessTests {
    private func run(
        _ script: String, timeout: Double = 20, interruption: () -> WorkerReport.Interruption? = { nil }
    ) throws -> (report: WorkerReport, lines: [WorkerLine], output: String) {
        let folder = try TemporaryFolder()
        let input = try folder.write("the input", to: "input")
        let program = try folder.write("#!/bin/sh\n\(script)\n", to: "worker")
        chmod(program.string, 0o755)
        let configuration = try Configuration.parse(
            "[state]\ndirectory=\"s\"\n[[inbox]]\npath=\"i\"\noutbox=\"o\"\n[workers]\ntimeout_seconds=\(timeout)\nthreads=1",
            path: folder.path.appending("c.toml"))
        let command = WorkerCommand(
            settings: OutputSettings(inbox: configuration.inboxes[0], upscale: configuration.upscale),
            models: ["/model.safetensors"], configuration: configuration, program: program, cores: 2)
        let descriptor = try RegularFile.open(input)
        defer { try? descriptor.close() }
        let output = try DurableFile.create(folder.path.appending("output"), permissions: [.ownerReadWrite])
        defer { try? output.close() }
        let worker = try WorkerProcess(
            command, environment: ["PATH": "/usr/bin:/bin"], input: descriptor, output: output)
        var lines: [WorkerLine] = []
        let report = worker.run(interruption: interruption) { lines.append($0) }
        #expect(kill(worker.pid, 0) == -1, "the worker is still there")
        return (report, lines, folder.read("output") ?? "")
    }

    @Test func aWorkerReadsWritesAndReports() throws {
        let (report, lines, output) = try run(
            #"cat; echo '{"event":"progress","tiles_done":1,"tiles_total":2}' >&2; printf '{"event":"result"}' >&2"#)
        #expect(report.ending == .exited(0))
        #expect(output == "the input")
        #expect(lines.first == .event(.progress(WorkerProgress(tilesDone: 1, tilesTotal: 2))))
        #expect(report.result != nil)
    }

    @Test func itGetsTheOptionsAndNothingElse() throws {
        let (_, lines, _) = try run(#"echo "$@" >&2; ls /proc/self/fd | wc -l >&2"#)
        guard case .text(let arguments)? = lines.first else {
            Issue.record("no words")
            return
        }
        #expect(
            arguments
                == "upscale - - --json --exit-with-parent --model /model.safetensors --threads 1 --format same --quality 90 --max-pixels 100000000 --max-side 32768 --max-file-size 100000000 --max-pages 10000"
        )
        // 0, 1, 2 and the one that ls has the folder open with.
        #expect(lines.dropFirst().first == .text("4"))
    }

    @Test func itIsHeldToItsLimits() throws {
        let (_, lines, _) = try run(
            // Until the limits are set, which is after the start.
            "while [ $(ulimit -n) != 64 ]; do :; done; for x in t c d n; do ulimit -$x >&2; done")
        // Two threads' worth of 20 seconds; no core; 2,064 MB in KiB; descriptors.
        #expect(lines == [.text("40"), .text("0"), .text("2015625"), .text("64")])
    }

    @Test func aCrashIsReportedAsASignal() throws {
        #expect(try run("kill -SEGV $$").report.ending == .signalled(SIGSEGV))
    }

    @Test func aHangEndsAtTheTimeOut() throws {
        let (report, _, _) = try run("exec sleep 1000", timeout: 1)
        #expect(report.interruption == .timedOut)
        #expect(report.ending == .signalled(SIGKILL))
    }

    @Test func aHangWithItsErrorStreamClosedEndsToo() throws {
        #expect(try run("exec sleep 1000 2>/dev/null", timeout: 1).report.interruption == .timedOut)
    }

    @Test func whatItStartedEndsWithIt() throws {
        // The child keeps the error stream open; nobody waits for it.
        let (report, lines, _) = try run("sleep 1000 & echo $! >&2; exit 3")
        #expect(report.ending == .exited(3))
        guard case .text(let text)? = lines.first, let child = pid_t(text) else {
            Issue.record("no child")
            return
        }
        // The child was sent SIGKILL, which takes effect when the kernel next runs it. At most a zombie remains, for
        // which another process must wait.
        func state() -> String { (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)) ?? ") Z" }
        let deadline = Monotonic.now + 60
        while !state().contains(") Z"), !state().contains(") X"), Monotonic.now < deadline { poll(nil, 0, 10) }
        #expect(state().contains(") Z") || state().contains(") X"), "\(state())")
    }

    @Test func floodsOfOutputAreBounded() throws {
        let (report, _, _) = try run(
            "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; yes words | head -n 20000 >&2; exit 1")
        #expect(report.ending == .exited(1))
        #expect(report.text.count <= 400)
    }

    @Test func theWorkerIsKilledWhenItsJobIsCancelled() throws {
        let (report, _, _) = try run("exec sleep 1000") { .cancelled }
        #expect(report.interruption == .cancelled)
    }

    @Test func aMissingProgramIsReported() throws {
        let folder = try TemporaryFolder()
        let configuration = try Configuration.parse(
            "[state]\ndirectory=\"s\"\n[[inbox]]\npath=\"i\"\noutbox=\"o\"", path: folder.path.appending("c.toml"))
        let command = WorkerCommand(
            settings: OutputSettings(inbox: configuration.inboxes[0], upscale: configuration.upscale),
            models: ["/m"], configuration: configuration, program: "/nonexistent/srgan", cores: 1)
        let input = try RegularFile.open(try folder.write("x", to: "x"))
        defer { try? input.close() }
        let error = #expect(throws: DaemonError.self) {
            try WorkerProcess(command, environment: [:], input: input, output: input)
        }
        #expect(error?.code == .passing)
        #expect(error?.message.contains("/nonexistent/srgan") == true)
    }
}
