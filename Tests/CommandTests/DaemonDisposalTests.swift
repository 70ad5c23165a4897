import Crypto
import DaemonControl
import Foundation
import JobQueue
import SystemPackage
import Testing

/// Originals whose move takes long, or is not possible for a while, and outputs that cannot be published for a while.
@Suite struct DaemonDisposalTests {
    private func fails(_ daemon: DaemonHarness, _ name: String) throws {
        try daemon.wait("the failure to be told") {
            daemon.log.contains("cannot move its original yet") ? true : nil
        }
        #expect(try daemon.job(name)?.needsDisposal == true)
    }

    /// Neither a file that the first scan refuses nor what an earlier run left keeps the daemon from being ready: such a move
    /// may be a copy of minutes to another disk.
    @Test func aStartIsReadyBeforeOriginalsAreMoved() throws {
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 0.3", sections: "[service]\nrescan_seconds = 86400")
        // A move out of the inbox stands still for as long as the file is there.
        let slow = try daemon.preload(
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <string.h>
            #include <unistd.h>
            int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
                int (*real)(int, const char *, int, const char *, unsigned) = dlsym(RTLD_NEXT, "renameat2");
                while (strstr(from, "/inbox/") && access("\(daemon.path("hold").string)", F_OK) == 0) usleep(10000);
                return real(from_folder, from, to_folder, to, flags);
            }

            """)
        try daemon.write(Data(), to: "hold")
        try daemon.write(Data(), to: "inbox/empty.png")
        for _ in 0..<2 {
            try daemon.start(environment: slow)
            try daemon.wait("the daemon to be ready") { () -> Bool? in
                guard case .health(let health) = try daemon.ask(.health), health.state == .ready else { return nil }
                return true
            }
            let job = try daemon.wait("the refusal") { try daemon.job("empty.png") }
            #expect(job.needsDisposal && daemon.files(below: "inbox") == ["empty.png"])
            try daemon.stop(SIGKILL)
        }
        try daemon.start(environment: slow)
        unlink(daemon.path("hold").string)
        try daemon.wait(for: "empty.png", .failed)
        #expect(daemon.files(below: "failed") == ["empty.png", "empty.png.reason.txt"])
    }

    /// What was half published is left alone as long as nobody can tell how far it came; the others are done.
    @Test func anOutputThatCouldNotBePublishedIsPublishedWithoutARestart() throws {
        let daemon = try DaemonHarness(
            sections: "[service]\nrescan_seconds = 1",
            worker: DaemonHarness.patientWorker)
        try daemon.start()
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        let claim = try #require(try daemon.wait(for: "a.png", .running).claim)
        try daemon.stop(SIGKILL)
        let output = Data("an output".utf8)
        try SQLiteJobStore(path: SQLiteJobStore.path(in: daemon.path("state"))).beginPublishing(
            claim, temporary: daemon.path("outbox/stuck"), output: daemon.path("outbox/a.png"),
            outputSHA256: SHA256.hash(data: output).map { String(format: "%02x", $0) }.joined(),
            metrics: JobMetrics(), reusedJobID: nil)
        // What can be neither read nor removed.
        try daemon.write(Data(), to: "outbox/stuck/file")
        try daemon.write(Data(), to: "go")
        try daemon.start()
        try daemon.wait("the trouble to be told") { daemon.log.contains("cannot publish its output yet") ? true : nil }
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox/b.png")
        try daemon.wait(for: "b.png", .completed)
        #expect(try daemon.job("a.png")?.state == .publishing)
        try daemon.write(output, to: "outbox/a.png")
        try FileManager.default.removeItem(atPath: daemon.path("outbox/stuck").string)
        try daemon.wait(for: "a.png", .completed)
        #expect(daemon.files(below: "outbox") == ["a.png", "b.png"])
        #expect(daemon.files(below: "archive") == ["a.png", "b.png"])
    }

    /// The archive's disk is away for a while.
    @Test func anOriginalThatCouldNotBeMovedIsMovedWithoutARestart() throws {
        let daemon = try DaemonHarness(sections: "[service]\nrescan_seconds = 1")
        try daemon.start()
        try daemon.move("archive", to: "away")
        try daemon.write(Data(), to: "archive")
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try fails(daemon, "a.png")
        unlink(daemon.path("archive").string)
        try daemon.move("away", to: "archive")
        try daemon.wait(for: "a.png", .completed)
        #expect(daemon.files(below: "inbox") == [] && daemon.files(below: "archive") == ["a.png"])
    }

    /// The inbox's share goes away while a job works from its private copy, and comes back.
    @Test func anInboxThatWentAwayIsTidiedWhenItIsBack() throws {
        let daemon = try DaemonHarness(
            sections: "[service]\nrescan_seconds = 1",
            worker: DaemonHarness.patientWorker)
        try daemon.start()
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.wait("the job to run") { try daemon.job("a.png")?.state == .running ? true : nil }
        try daemon.move("inbox", to: "away")
        symlink("inbox", daemon.path("inbox").string)
        try daemon.write(Data(), to: "go")
        try fails(daemon, "a.png")
        unlink(daemon.path("inbox").string)
        try daemon.move("away", to: "inbox")
        try daemon.wait(for: "a.png", .completed)
        #expect(daemon.files(below: "inbox") == [] && daemon.files(below: "archive") == ["a.png"])
    }

    /// A file of the same bytes in the original's place waits for its move; a drain does not wait for one that fails.
    @Test func aDrainEndsThoughAnOriginalCannotBeMoved() throws {
        let daemon = try DaemonHarness()
        try daemon.write(DaemonSamples.png, to: "inbox/trip/a.png")
        try daemon.write(Data(), to: "archive/trip")
        #expect(try daemon.run("--drain") == 0)
        try daemon.move("inbox/trip/a.png", to: "away.png")
        try daemon.write(DaemonSamples.png, to: "inbox/trip/a.png")
        #expect(try daemon.run("--drain") == 2)
        unlink(daemon.path("archive/trip").string)
        #expect(try daemon.run("--drain") == 0)
        #expect(daemon.files(below: "inbox") == [] && daemon.files(below: "archive") == ["trip/a.png"])
        #expect(daemon.jobs().count == 1)
    }
}
