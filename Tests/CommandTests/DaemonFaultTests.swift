import DaemonControl
import Foundation
import JobQueue
import SystemPackage
import Testing

/// Kills, stops and misbehaving workers: each file ends exactly once, in the right place.
@Suite struct DaemonFaultTests {

    @Test func aSecondDaemonIsRefused() throws {
        let daemon = try DaemonHarness()
        try daemon.start()
        let pid = try #require(daemon.process).processIdentifier
        #expect(try daemon.run("--drain") == 75)
        #expect(daemon.log.contains("is in use by process \(pid)"))
        #expect(try daemon.status()?.pid == pid)
        #expect(try daemon.stop() == 0)
    }

    @Test func aKillInTheMiddleOfAJobLeavesOneOutput() throws {
        let daemon = try DaemonHarness(worker: DaemonHarness.patientWorker)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.start()
        try daemon.wait(for: "a.png", .running)
        try daemon.wait("the temporary output") { daemon.files(below: "outbox").isEmpty ? nil : true }
        try daemon.stop(SIGKILL)
        #expect(try daemon.job("a.png")?.state == .running)
        #expect(daemon.exists("inbox/a.png"))

        try daemon.write(Data(), to: "go")
        try daemon.start()
        let job = try daemon.wait(for: "a.png", .completed)
        #expect(job.attempt == 2)
        #expect(daemon.files(below: "outbox") == ["a.png"])
        #expect(daemon.files(below: "archive") == ["a.png"])
        #expect(daemon.files(below: "state/spool") == [])
        #expect(try daemon.stop() == 0)
    }

    @Test func aStopLetsRunningJobsFinish() throws {
        let daemon = try DaemonHarness(worker: DaemonHarness.patientWorker)
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        try daemon.start()
        try daemon.wait(for: "a.png", .running)
        try daemon.write(DaemonSamples.png(variant: 2), to: "outside/b.png")
        try daemon.move("outside/b.png", to: "inbox/b.png")
        try daemon.wait(for: "b.png", .available)
        kill(try #require(daemon.process).processIdentifier, SIGTERM)
        try daemon.wait("the daemon to be stopping") { try daemon.status()?.stopping == true ? true : nil }
        try daemon.write(Data(), to: "go")
        #expect(try daemon.exit(of: #require(daemon.process)) == 0)
        #expect(try daemon.job("a.png")?.state == .completed)
        #expect(try daemon.job("b.png")?.state == .available)
    }

    @Test(arguments: [true, false])
    func aStopThatDoesNotWaitReleasesJobsUncharged(bySecondSignal: Bool) throws {
        let seconds = bySecondSignal ? 3600 : 0
        let daemon = try DaemonHarness(
            sections: "[service]\nstop_timeout_seconds = \(seconds)", worker: DaemonHarness.patientWorker)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.start()
        try daemon.wait(for: "a.png", .running)
        let process = try #require(daemon.process)
        kill(process.processIdentifier, SIGTERM)
        if bySecondSignal {
            try daemon.wait("the daemon to be stopping") { try daemon.status()?.stopping == true ? true : nil }
            kill(process.processIdentifier, SIGTERM)
        }
        #expect(try daemon.exit(of: process) == 0)
        let job = try #require(try daemon.job("a.png"))
        #expect(job.state == .available)
        #expect(job.attempt == 0)
        #expect(daemon.files(below: "outbox") == [])
    }

    @Test func aPoisonFileFailsAndTheOthersAreCompleted() throws {
        // The worker's standard input is the spooled copy; the script recognises the poison file by its bytes.
        let daemon = try DaemonHarness(
            sections: "", worker: #"head -c 6 | grep -q POISON && kill -SEGV $$; exec "$SRGAN" "$@" < /proc/self/fd/0"#)
        try daemon.write(Data("POISON".utf8), to: "inbox/poison.png")
        for number in 0..<3 { try daemon.write(DaemonSamples.png(variant: number), to: "inbox/\(number).png") }
        #expect(try daemon.run("--drain") == 2)
        let poison = try #require(try daemon.job("poison.png"))
        #expect(poison.state == .failed)
        #expect(poison.reason == .workerCrashed)
        #expect(poison.attempt == 3)
        #expect(poison.message?.contains("signal 11") == true)
        #expect(daemon.files(below: "outbox") == ["0.png", "1.png", "2.png"])
        #expect(daemon.files(below: "failed") == ["poison.png", "poison.png.reason.txt"])
    }

    @Test func aHangingWorkerEndsAtTheTimeOut() throws {
        let daemon = try DaemonHarness(worker: "exec sleep 1000")
        var text = try String(contentsOfFile: daemon.configurationPath.string, encoding: .utf8)
        text = text.replacingOccurrences(of: "[workers]", with: "[workers]\ntimeout_seconds = 1")
        text = text.replacingOccurrences(of: "[retry]", with: "[retry]\nmax_attempts = 1")
        try daemon.configure(text)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 2)
        #expect(try daemon.job("a.png")?.reason == .workerTimedOut)
    }

    @Test func jobsWaitForAFullDisk() throws {
        let daemon = try DaemonHarness(
            worker: #"""
                if [ ! -e go ]; then
                    echo '{"event":"error","reason":"disk_full","message":"There is no room."}' >&2
                    exit 75
                fi
                exec "$SRGAN" "$@"
                """#)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.start()
        try daemon.wait("the full disk to be noticed") { daemon.log.contains("There is no room.") ? true : nil }
        let waiting = try daemon.wait(for: "a.png", .retryable)
        #expect(waiting.reason == .diskFull && waiting.message?.contains(" free in ") == true)
        try daemon.write(Data(), to: "go")
        #expect(try daemon.wait(for: "a.png", .completed).attempt == 1)
    }

    @Test func noFileIsTakenWithoutFreeSpace() throws {
        let daemon = try DaemonHarness()
        var text = try String(contentsOfFile: daemon.configurationPath.string, encoding: .utf8)
        text = text.replacingOccurrences(of: "min_free_space_mb = 0", with: "min_free_space_mb = 100000000")
        try daemon.configure(text)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.start()
        try daemon.wait("the message") { daemon.log.contains("its private copy would leave") ? true : nil }
        #expect(try daemon.job("a.png") == nil && daemon.exists("inbox/a.png"))
        // A reload corrects this without a restart.
        text = text.replacingOccurrences(of: "min_free_space_mb = 100000000", with: "min_free_space_mb = 0")
        try daemon.configure(text)
        kill(try #require(daemon.process).processIdentifier, SIGHUP)
        try daemon.wait(for: "a.png", .completed)
    }
}
