import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

@testable import QueueControl
@testable import ServiceConfiguration
@testable import UpscaleDaemon

@Suite struct PublisherTests {
    private func commitPublishing(_ service: TestService, _ name: String) throws -> Job {
        let (job, claim, temporary) = try service.running(name)
        try service.store.beginPublishing(
            claim, temporary: temporary, output: job.input.outputFolder.appending(FilePath.Component(name)!),
            outputSHA256: RegularFile.sha256(temporary), metrics: JobMetrics(), reusedJobID: nil)
        return try #require(try service.store.job(id: job.id))
    }

    private func state(_ service: TestService, _ job: Job) throws -> JobState? {
        try service.store.job(id: job.id)?.state
    }

    @Test func publishingCompletesTheJobUnderItsName() throws {
        let service = try TestService(inbox: "naming = \"{stem}-{id}{extension}\"")
        let (job, claim, temporary) = try service.running("a.jpg")
        try service.publish(job, claim, temporary)
        let ended = try #require(try service.store.job(id: job.id))
        #expect(ended.state == .completed)
        // The worker wrote PNG, so the extension is .png whatever the file's name was.
        #expect(ended.output == service.folder.path.pushing("out/a-1.png"))
        #expect(ended.outputSHA256 == "564a34d5026c97019e8d90cbc10cb25f060cf2d2f4e0fb378752a088dbf48248")
        #expect(service.folder.names(in: "out") == ["a-1.png"])
        #expect(service.folder.names(in: "state/spool") == [])
    }

    @Test func aTakenNameGetsANumber() throws {
        let service = try TestService()
        try service.folder.write("foreign", to: "out/a.png")
        try service.folder.write("foreign", to: "out/a (2).png")
        let (job, claim, temporary) = try service.running("a.png")
        try service.publish(job, claim, temporary)
        #expect(service.folder.names(in: "out") == ["a (2).png", "a (3).png", "a.png"])
        #expect(service.folder.read("out/a (3).png") == "upscaled")
        #expect(service.folder.read("out/a.png") == "foreign")
    }

    @Test func aLostClaimPublishesNothing() throws {
        let service = try TestService()
        let (job, claim, temporary) = try service.running("a.png")
        _ = try service.store.cancel(id: job.id, now: Date())
        #expect(throws: JobStoreError.self) { try service.publish(job, claim, temporary) }
        #expect(service.folder.names(in: "out") == [])
        #expect(try state(service, job) == .cancelled)
    }

    @Test func killedBeforeTheRenameIsRenamedAtTheNextStart() throws {
        let service = try TestService()
        let job = try commitPublishing(service, "a.png")
        try service.recovery.finish(job)
        #expect(try state(service, job) == .completed)
        #expect(service.folder.names(in: "out") == ["a.png"])
    }

    @Test func killedBeforeTheRenameWithTheNameTakenInTheMeantime() throws {
        let service = try TestService()
        let job = try commitPublishing(service, "a.png")
        try service.folder.write("foreign", to: "out/a.png")
        try service.recovery.finish(job)
        #expect(try service.store.job(id: job.id)?.output == service.folder.path.pushing("out/a (2).png"))
        #expect(service.folder.read("out/a (2).png") == "upscaled")
        #expect(service.folder.read("out/a.png") == "foreign")
    }

    @Test func killedAfterTheRenameIsCompletedAtTheNextStart() throws {
        let service = try TestService()
        let job = try commitPublishing(service, "a.png")
        rename(job.temporaryOutput!.string, job.output!.string)
        try service.recovery.finish(job)
        #expect(try state(service, job) == .completed)
        #expect(service.folder.names(in: "out") == ["a.png"])
    }

    /// The output's subfolder became a symbolic link while the service did not run.
    @Test func recoveryFollowsNoLink() throws {
        let service = try TestService()
        try service.folder.makeFolder("in/sub")
        let (job, claim, temporary) = try service.running("sub/a.png")
        try service.store.beginPublishing(
            claim, temporary: temporary, output: job.input.outputFolder.appending("a.png"),
            outputSHA256: RegularFile.sha256(temporary), metrics: JobMetrics(), reusedJobID: nil)
        rename(job.input.outputFolder.string, service.folder.path.appending("elsewhere").string)
        symlink(service.folder.path.appending("elsewhere").string, job.input.outputFolder.string)
        try ServiceRecovery(
            store: service.store, settings: service.live.current, spool: service.spool, publishing: service.recovery,
            logger: service.logger
        ).run()
        #expect(try state(service, job) == .publishing)
        #expect(service.folder.names(in: "elsewhere") == [temporary.lastComponent!.string])
        unlink(job.input.outputFolder.string)
        rename(service.folder.path.appending("elsewhere").string, job.input.outputFolder.string)
        try service.recovery.finish(try service.job(job.id))
        #expect(service.folder.names(in: "out/sub") == ["a.png"])
    }

    @Test func killedBetweenLinkAndUnlinkIsOneOutput() throws {
        let service = try TestService()
        let job = try commitPublishing(service, "a.png")
        link(job.temporaryOutput!.string, job.output!.string)
        try service.recovery.finish(job)
        #expect(try state(service, job) == .completed)
        #expect(service.folder.names(in: "out") == ["a.png"])
    }

    @Test func aLostOrDamagedOutputIsMadeAgain() throws {
        for damaged in [true, false] {
            let service = try TestService()
            let job = try commitPublishing(service, "a.png")
            if damaged {
                try Data("half".utf8).write(to: URL(fileURLWithPath: job.temporaryOutput!.string))
            } else {
                try DurableFile.remove(job.temporaryOutput!)
            }
            try service.recovery.finish(job)
            let again = try #require(try service.store.job(id: job.id))
            #expect(again.state == .available)
            #expect(again.attempt == 0)
            #expect(service.folder.names(in: "out") == [])
        }
    }

    /// The outbox's share does not answer during a start: the output may exist, and no second one must be made.
    @Test func anUnreachableOutputIsNotAbandoned() throws {
        let service = try TestService()
        let job = try commitPublishing(service, "a.png")
        rename(job.temporaryOutput!.string, job.output!.string)
        try Unreachable.unanswering.during(job.input.outputFolder) {
            #expect(throws: FileError.self) { try service.recovery.finish(job) }
            let left = try state(service, job)
            #expect(left == .publishing)
        }
        try service.recovery.finish(job)
        #expect(try state(service, job) == .completed)
        #expect(service.folder.names(in: "out") == ["a.png"])
    }

    @Test func aVanishedOutputFolderFailsOnlyTheJob() throws {
        let service = try TestService()
        let (job, claim, temporary) = try service.running("a.png")
        let output = try service.output(temporary)
        try FileManager.default.removeItem(atPath: job.input.outputFolder.string)
        #expect(throws: FileError.self) {
            try service.finisher.publish(output, of: job, claim: claim, heartbeat: nil)
        }
        let row = try service.store.fail(claim, reason: .inputOutputError, message: "m", metrics: nil, now: Date())
        #expect(row.state == .retryable)
    }

    @Test func recoveryRemovesUnneededFiles() throws {
        let service = try TestService()
        // Originals are moved after the start, when no start waits for this; their spooled copies are removed at once.
        let owing = try service.completed("owing.png")
        try service.folder.write("half", to: "failed/.srgan-0-abc.part")
        let waiting = try service.queue("waiting.png")
        try service.folder.makeFolder("out/sub")
        try service.folder.write("half", to: "out/sub/.srgan-7-abc.part")
        try service.folder.write("mine", to: "out/sub/.hidden.part")
        try service.folder.write("orphan", to: "state/spool/old.1")
        let (running, _, temporary) = try service.running("b.png")
        try ServiceRecovery(
            store: service.store, settings: service.live.current, spool: service.spool, publishing: service.recovery,
            logger: service.logger
        ).run()
        #expect(service.folder.names(in: "out/sub") == [".hidden.part"])
        #expect(FileStamp.of(temporary) == nil)
        #expect(FileStamp.of(waiting.input.spool) != nil)
        #expect(service.folder.names(in: "state/spool").count == 2)
        #expect(try state(service, running) == .available)
        #expect(service.folder.names(in: "failed") == [])
        #expect(service.undisposed == [owing.id])
    }

    @Test func aJobThatCannotBeRecoveredDoesNotStopTheOthers() throws {
        let service = try TestService()
        let (stuck, claim, temporary) = try service.running("a.png")
        try service.store.beginPublishing(
            claim, temporary: temporary, output: temporary.removingLastComponent().appending("a.png"),
            outputSHA256: String(repeating: "0", count: 64), metrics: JobMetrics(), reusedJobID: nil)
        // This cannot be removed, like a file on a file system that became read-only.
        try FileManager.default.removeItem(atPath: temporary.string)
        try FileManager.default.createDirectory(
            atPath: temporary.appending("full").string, withIntermediateDirectories: true)
        let (other, _, _) = try service.running("b.png")
        try ServiceRecovery(
            store: service.store, settings: service.live.current, spool: service.spool, publishing: service.recovery,
            logger: service.logger
        ).run()
        #expect(try state(service, stuck) == .publishing)
        #expect(try state(service, other) == .available)
    }
}
