import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

/// Originals that take long to move or cannot be moved for a while, and outputs that cannot be published for a while.
@Suite struct DaemonDisposalTests {
    private func fails(_ daemon: DaemonHarness, _ name: String) throws {
        try daemon.wait("the failure to be reported") {
            daemon.log.contains("cannot move its original yet") ? true : nil
        }
        #expect(try daemon.job(name)?.needsDisposal == true)
    }

    /// The daemon becomes ready without waiting for moves, whether the first scan refused the file or an earlier run
    /// left it. Such a move can take minutes if it copies to another disk.
    @Test func theDaemonIsReadyBeforeOriginalsAreMoved() throws {
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 0.3", sections: "[service]\nrescan_seconds = 86400")
        // A move out of the inbox blocks while this file exists.
        let slow = try daemon.preload(
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <stdio.h>
            #include <string.h>
            #include <unistd.h>
            int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
                int (*real)(int, const char *, int, const char *, unsigned) = dlsym(RTLD_NEXT, "renameat2");
                char link[64], folder[4096] = "";
                snprintf(link, sizeof link, "/proc/self/fd/%d", from_folder);
                // Fails for AT_FDCWD, which does not stand for the inbox.
                if (readlink(link, folder, sizeof folder - 1) < 0) folder[0] = 0;
                while (strstr(folder, "/inbox") && access("\(daemon.path("hold").string)", F_OK) == 0) usleep(10000);
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

    /// A partly published output is left alone while its progress is unknown; the other jobs are completed.
    @Test func anUnpublishedOutputIsPublishedLaterWithoutARestart() throws {
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
            outputSHA256: SHA256.hash(output),
            metrics: JobMetrics(), reusedJobID: nil)
        // This can be neither read nor removed.
        try daemon.write(Data(), to: "outbox/stuck/file")
        try daemon.write(Data(), to: "go")
        try daemon.start()
        try daemon.wait("the problem to be reported") {
            daemon.log.contains("cannot publish its output yet") ? true : nil
        }
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox/b.png")
        try daemon.wait(for: "b.png", .completed)
        #expect(try daemon.job("a.png")?.state == .publishing)
        try daemon.write(output, to: "outbox/a.png")
        try FileManager.default.removeItem(atPath: daemon.path("outbox/stuck").string)
        try daemon.wait(for: "a.png", .completed)
        #expect(daemon.files(below: "outbox") == ["a.png", "b.png"])
        #expect(daemon.files(below: "archive") == ["a.png", "b.png"])
    }

    /// The archive's disk is missing for a while.
    @Test func anUnmovedOriginalIsMovedLaterWithoutARestart() throws {
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

    /// The inbox's share disappears while a job works from its spooled copy, and comes back.
    @Test func originalsAreMovedWhenTheirInboxIsBack() throws {
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

    /// A file with the same bytes at the original's path waits until the original is moved. A drain does not wait for a
    /// move that fails.
    @Test func aDrainEndsEvenIfAnOriginalCannotBeMoved() throws {
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
