import Foundation
import JobQueue
import SystemPackage
import Testing

/// Files whose jobs failed and that change afterwards.
@Suite struct DaemonReturnTests {
    private static let sections = "[service]\nrescan_seconds = 1"

    /// A person, or a program that paused, completes the file where it lies.
    @Test func aFailedFileThatChangesIsQueuedAgain() throws {
        let daemon = try DaemonHarness(sections: Self.sections)
        try daemon.start()
        try daemon.write(DaemonSamples.png.prefix(100), to: "inbox/trip/a.png")
        try daemon.write(Data("camera".utf8), to: "inbox/trip/a.xmp")
        try daemon.wait(for: "a.png", .failed)
        try daemon.wait("the sidecar to be moved") { daemon.exists("failed/trip/a.xmp") ? true : nil }
        let note = try String(contentsOfFile: daemon.path("failed/trip/a.png.reason.txt").string, encoding: .utf8)
        #expect(note.contains("If the file here changes within a day, it goes back into the inbox by itself."))
        // A file that does not change stays. The next file's job shows that several scans have passed.
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/b.png")
        try daemon.wait(for: "b.png", .completed)
        #expect(daemon.exists("failed/trip/a.png"))

        let file = try FileDescriptor.open(daemon.path("failed/trip/a.png"), .writeOnly, options: [.append])
        try file.closeAfter { _ = try file.writeAll(DaemonSamples.png.dropFirst(100)) }
        try daemon.wait("the job of the whole image") {
            daemon.jobs().count == 3 && daemon.jobs().allSatisfy { $0.state.isFinal && !$0.needsDisposal } ? true : nil
        }
        let jobs = daemon.jobs()
        #expect(jobs.map(\.state) == [.failed, .completed, .completed])
        #expect(jobs[0].input.source == jobs[2].input.source && jobs[0].disposedSource == nil)
        #expect(daemon.files(below: "failed") == [] && daemon.files(below: "inbox") == [])
        #expect(daemon.files(below: "archive") == ["b.png", "trip/a.png", "trip/a.xmp"])
        #expect(daemon.files(below: "outbox") == ["b.png", "trip/a.png"])
    }

    /// A scanner made the file long before it filled it.
    @Test func anEmptyFileThatFailedIsQueuedOnceItIsFilled() throws {
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 0\nunfinished_settle_seconds = 0", sections: Self.sections)
        try daemon.start()
        try daemon.write(Data(), to: "inbox/a.png")
        #expect(try daemon.wait(for: "a.png", .failed).reason == .empty)
        try daemon.write(DaemonSamples.png, to: "failed/a.png")
        try daemon.wait("the job of the image") {
            daemon.jobs().contains { $0.state == .completed && !$0.needsDisposal } ? true : nil
        }
        #expect(daemon.files(below: "failed") == [] && daemon.files(below: "archive") == ["a.png"])
    }

    /// The inbox's path is taken by another file, which must not be replaced.
    @Test func aReturningFileReplacesNothing() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 3600", sections: Self.sections)
        try daemon.start()
        try daemon.write(DaemonSamples.png.prefix(100), to: "outside/a.png")
        try daemon.move("outside/a.png", to: "inbox/a.png")
        try daemon.wait(for: "a.png", .failed)
        try daemon.write(Data("unfinished".utf8), to: "inbox/a.png")
        try daemon.stop()
        try daemon.write(DaemonSamples.png, to: "failed/a.png")
        try daemon.change("settle_seconds = 3600", to: "settle_seconds = 0.3")
        try daemon.start()
        try daemon.wait("both jobs") {
            daemon.jobs().count == 3 && daemon.jobs().allSatisfy { $0.state.isFinal && !$0.needsDisposal } ? true : nil
        }
        #expect(daemon.jobs().map(\.state) == [.failed, .failed, .completed])
        #expect(daemon.files(below: "archive") == ["a.png"])
        #expect(daemon.files(below: "failed").filter { !$0.hasSuffix(".txt") } == ["a (2).png"])
    }

    @Test func aRetryTakesTheNewContentAndSaysSo() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 3600")
        try daemon.write(DaemonSamples.png.prefix(100), to: "outside/a.png")
        try daemon.start()
        try daemon.move("outside/a.png", to: "inbox/a.png")
        let id = try daemon.wait(for: "a.png", .failed).id
        try daemon.write(DaemonSamples.png, to: "failed/a.png")
        let retried = try JobsProgram.run(
            ["--config", daemon.configurationPath.string, "retry", "\(id)"], in: URL(filePath: daemon.root.string))
        #expect(retried.code == 0)
        #expect(retried.output.hasPrefix("\(id) queued again: The content of "))
        let job = try daemon.wait(for: "a.png", .completed)
        #expect(job.id == id && daemon.files(below: "archive") == ["a.png"] && daemon.files(below: "failed") == [])
    }
}
