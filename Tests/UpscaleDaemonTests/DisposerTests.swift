import Foundation
import JobQueue
import SystemPackage
import Testing

@testable import UpscaleDaemon

@Suite struct DisposerTests {
    private func fail(_ service: TestService, _ name: String) throws -> Job {
        let (_, claim, temporary) = try service.running(name)
        try DurableFile.remove(temporary)
        return try service.store.fail(claim, reason: .corrupt, message: "It is broken.", metrics: nil, now: Date())
    }

    private func complete(_ service: TestService, _ name: String) throws -> Job {
        let (job, claim, temporary) = try service.running(name)
        try service.publish(job, claim, temporary)
        return try #require(try service.store.job(id: job.id))
    }

    @Test func aCompletedOriginalGoesToTheArchiveInItsSubfolder() throws {
        let service = try TestService()
        try service.folder.makeFolder("in/trip/day 1")
        let job = try complete(service, "trip/day 1/a.png")
        #expect(job.disposedSource == service.folder.path.pushing("archive/trip/day 1/a.png"))
        #expect(!job.needsDisposal)
        #expect(service.folder.read("archive/trip/day 1/a.png") == "picture trip/day 1/a.png")
        #expect(service.folder.names(in: "in/trip/day 1") == [])
    }

    @Test func nothingInTheArchiveIsReplaced() throws {
        let service = try TestService()
        try service.folder.write("old", to: "archive/a.png")
        let job = try complete(service, "a.png")
        #expect(job.disposedSource == service.folder.path.pushing("archive/a (2).png"))
        #expect(service.folder.read("archive/a.png") == "old")
    }

    @Test func aFailedOriginalHasItsReasonBesideIt() throws {
        let service = try TestService()
        let job = try fail(service, "a.png")
        service.disposer.dispose(job)
        #expect(service.folder.names(in: "failed") == ["a.png", "a.png.reason.txt"])
        let reason = try #require(service.folder.read("failed/a.png.reason.txt"))
        #expect(reason.contains("corrupt: It is broken."))
        #expect(reason.contains("srgan-jobs retry \(job.id)"))
    }

    @Test func aRetriedOriginalLeavesTheFailedFolderWithItsReason() throws {
        let service = try TestService()
        let failed = try fail(service, "a.png")
        service.disposer.dispose(failed)
        let ended = try #require(try service.store.job(id: failed.id))
        let (copy, source) = try #require(try service.intake.copyAgain(ended))
        #expect(source == service.folder.path.pushing("failed/a.png"))
        _ = try service.store.retry(id: ended.id, spool: copy, source: source, now: Date())
        let job = try #require(try service.store.claim(now: Date()))
        let temporary = TemporaryOutput.path(in: job.input.outputFolder, id: job.id)
        try Data("upscaled".utf8).write(to: URL(fileURLWithPath: temporary.string))
        try service.publish(job, job.claim!, temporary)
        #expect(service.folder.names(in: "failed") == [])
        #expect(service.folder.names(in: "archive") == ["a.png"])
    }

    @Test func aFileThatTookTheNameMeanwhileStays() throws {
        let service = try TestService()
        let (job, claim, temporary) = try service.running("a.png")
        try FileManager.default.removeItem(atPath: job.input.source.string)
        try service.folder.write("another one, not taken yet", to: "in/a.png")
        try service.publish(job, claim, temporary)
        #expect(service.folder.read("in/a.png") == "another one, not taken yet")
        #expect(service.folder.names(in: "archive") == [])
        #expect(try service.store.job(id: job.id)?.needsDisposal == false)
    }

    @Test(arguments: [("keep", ["a.png"], 0), ("delete", [], 0), ("archive", [], 1)])
    func originals(choice: String, inbox: [String], archived: Int) throws {
        let service = try TestService(inbox: "originals = \"\(choice)\"")
        _ = try complete(service, "a.png")
        #expect(service.folder.names(in: "in") == inbox)
        #expect(service.folder.names(in: "archive").count == archived)
        #expect(service.folder.names(in: "out") == ["a.png"])
    }

    @Test func aMoveThatWasNotNotedIsFoundAgain() throws {
        let service = try TestService()
        let job = try fail(service, "a.png")
        // Killed after the rename, before the queue was told.
        rename(job.input.source.string, service.folder.path.pushing("failed/a.png").string)
        service.disposer.dispose(job)
        let disposed = try #require(try service.store.job(id: job.id))
        #expect(disposed.disposedSource == service.folder.path.pushing("failed/a.png"))
        #expect(service.folder.names(in: "failed") == ["a.png", "a.png.reason.txt"])
    }
}
