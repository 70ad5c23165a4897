import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

@testable import QueueControl
@testable import ServiceConfiguration
@testable import UpscaleDaemon

@Suite struct DisposerTests {
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
        #expect(service.folder.read("archive/trip/day 1/a.png") == "image trip/day 1/a.png")
        #expect(service.folder.names(in: "in/trip/day 1") == [])
    }

    @Test func nothingInTheArchiveIsReplaced() throws {
        let service = try TestService()
        try service.folder.write("old", to: "archive/a.png")
        let job = try complete(service, "a.png")
        #expect(job.disposedSource == service.folder.path.pushing("archive/a (2).png"))
        #expect(service.folder.read("archive/a.png") == "old")
    }

    @Test func aFailedOriginalHasAReasonFile() throws {
        let service = try TestService()
        let job = try service.failed("a.png")
        service.disposer.dispose(job.id)
        #expect(service.folder.names(in: "failed") == ["a.png", "a.png.reason.txt"])
        let reason = try #require(service.folder.read("failed/a.png.reason.txt"))
        #expect(reason.contains("corrupt: It is broken."))
        #expect(reason.contains("srgan-jobs retry \(job.id)"))
    }

    @Test func aRetriedOriginalLeavesTheFailedFolderWithItsReason() throws {
        let service = try TestService()
        let failed = try service.failed("a.png")
        service.disposer.dispose(failed.id)
        let ended = try #require(try service.store.job(id: failed.id))
        let (copy, source) = try #require(try service.copyAgain(ended))
        #expect(source == service.folder.path.pushing("failed/a.png"))
        _ = try service.store.retry(id: ended.id, spool: copy, source: source, now: Date())
        let job = try #require(try service.store.claim(now: Date()))
        let temporary = TemporaryOutput.path(in: job.input.outputFolder, id: job.id)
        try Data("upscaled".utf8).write(to: URL(fileURLWithPath: temporary.string))
        try service.publish(job, job.claim!, temporary)
        #expect(service.folder.names(in: "failed") == [])
        #expect(service.folder.names(in: "archive") == ["a.png"])
    }

    @Test func aFileThatTookTheNameInTheMeantimeStays() throws {
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

    @Test func anUnrecordedMoveIsDetected() throws {
        let service = try TestService()
        let job = try service.failed("a.png")
        // Killed after the rename, before the move was recorded in the queue.
        rename(job.input.source.string, service.folder.path.pushing("failed/a.png").string)
        service.disposer.dispose(job.id)
        let disposed = try #require(try service.store.job(id: job.id))
        #expect(disposed.disposedSource == service.folder.path.pushing("failed/a.png"))
        #expect(service.folder.names(in: "failed") == ["a.png", "a.png.reason.txt"])
    }

    // MARK: - Files of people

    private func retry(_ service: TestService, _ job: Job) throws -> Job {
        let ended = try service.job(job.id)
        let (copy, source) = try #require(try service.copyAgain(ended))
        _ = try service.store.retry(id: ended.id, spool: copy, source: source, now: Date())
        return try #require(try service.store.claim(now: Date()))
    }

    /// A file that has the name of the reason file is not replaced, and a retry does not remove it.
    @Test func aForeignReasonFileStays() throws {
        let service = try TestService()
        try service.folder.write("mine", to: "failed/a.png.reason.txt")
        let failed = try service.failed("a.png")
        service.disposer.dispose(failed.id)
        #expect(service.folder.read("failed/a.png.reason.txt") == "mine")
        #expect(service.folder.read("failed/a.png.reason (2).txt")?.contains("job \(failed.id), attempt 1") == true)

        // It fails again: its own note is replaced.
        let again = try retry(service, failed)
        _ = try service.store.fail(
            again.claim!, reason: .corrupt, message: "Still.", metrics: nil, now: Date())
        service.disposer.dispose(failed.id)
        #expect(service.folder.names(in: "failed") == ["a.png", "a.png.reason (2).txt", "a.png.reason.txt"])
        #expect(service.folder.read("failed/a.png.reason (2).txt")?.contains("Still.") == true)

        let job = try retry(service, failed)
        let temporary = TemporaryOutput.path(in: job.input.outputFolder, id: job.id)
        try Data("upscaled".utf8).write(to: URL(fileURLWithPath: temporary.string))
        try service.publish(job, job.claim!, temporary)
        #expect(service.folder.names(in: "failed") == ["a.png.reason.txt"])
        #expect(service.folder.read("failed/a.png.reason.txt") == "mine")
    }

    /// What follows the last dot is nearly the whole name.
    @Test(arguments: ["a." + String(repeating: "é", count: 126), "a." + String(repeating: "e", count: 253)])
    func aLongExtensionFindsAFreeName(_ name: String) throws {
        let service = try TestService()
        try service.folder.write("old", to: "archive/\(name)")
        let job = try complete(service, name)
        let place = try #require(job.disposedSource?.lastComponent)
        #expect(place.bytes.count <= 255 && String(validating: place.bytes, as: UTF8.self) != nil)
        #expect(place.string.hasPrefix("a (2).") && service.folder.names(in: "archive").count == 2)
        #expect(service.folder.read("archive/\(name)") == "old")
    }

    // MARK: - Empty subfolders

    @Test(arguments: [true, false]) func emptiedFoldersAreRemovedOnlyIfConfigured(_ isConfigured: Bool) throws {
        let service = try TestService(inbox: "remove_empty = \(isConfigured)")
        for name in ["in/trip/day 1", "in/trip/day 2", "in/new"] { try service.folder.makeFolder(name) }
        try service.folder.write("later", to: "in/trip/later.png")
        _ = try complete(service, "trip/day 1/a.png")
        #expect(service.folder.names(in: "in/trip").contains("day 1") == !isConfigured)
        // What the service did not empty stays, and so does a folder with a file in it.
        #expect(service.folder.names(in: "in/trip").contains("day 2"))
        #expect(service.folder.names(in: "in").contains("new"))
        rmdir(service.folder.path.pushing("in/trip/day 2").string)
        unlink(service.folder.path.pushing("in/trip/later.png").string)
        _ = try complete(service, "trip/b.png")
        #expect(service.folder.names(in: "in").contains("trip") == !isConfigured)
        _ = try complete(service, "c.png")
        #expect(service.folder.names().contains("in"))
    }

    @Test func aDeletedOriginalEmptiesItsFolder() throws {
        let service = try TestService(inbox: "originals = \"delete\"\nremove_empty = true")
        try service.folder.makeFolder("in/trip")
        _ = try complete(service, "trip/a.png")
        #expect(service.folder.names(in: "in") == [])
    }

    // MARK: - Unreachable files

    /// The inbox's share does not answer or is missing: the original is not gone, and it is moved when the share is
    /// back.
    @Test(
        arguments: [("archive", true), ("delete", true), ("archive", false)],
        [Unreachable.vanished, .unanswering])
    func anUnreachableOriginalIsStillOwed(ending: (originals: String, isCompleted: Bool), how: Unreachable) throws {
        let service = try TestService(inbox: "originals = \"\(ending.originals)\"")
        let job = ending.isCompleted ? try service.completed("a.png") : try service.failed("a.png")
        try how.during(service.folder.path.appending("in")) {
            service.disposer.dispose(job.id)
            #expect(service.undisposed == [job.id])
        }
        service.disposer.dispose(job.id)
        let disposed = try service.job(job.id)
        #expect(!disposed.needsDisposal)
        #expect((disposed.disposedSource == nil) == (ending.originals == "delete"))
        #expect(service.folder.names(in: "in") == [])
    }

    @Test func aFileThatCannotBeExaminedIsNotConsideredMissing() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("loop")
        #expect(try FileStamp.existing(path) == nil)
        #expect(try FileStamp.existing(try folder.write("file", to: "file").appending("below")) == nil)
        symlink("loop", path.string)
        #expect(throws: FileError.self) { try FileStamp.existing(path.appending("a.png")) }
    }

    // MARK: - Concurrency

    /// A slot that moves an original has read the job before a person retried it.
    @Test func aRetriedJobKeepsItsOriginal() throws {
        let service = try TestService()
        let failed = try service.failed("a.png")
        let (copy, source) = try #require(try service.copyAgain(failed))
        _ = try service.store.retry(id: failed.id, spool: copy, source: source, now: Date())
        service.disposer.dispose(failed.id)
        #expect(service.folder.names(in: "in") == ["a.png"])
        #expect(service.folder.names(in: "failed") == [])
    }

    @Test func anOriginalBeingMovedIsLocked() throws {
        let service = try TestService()
        let job = try service.completed("a.png")
        service.disposer.withOriginal(of: job.id, patience: 0) {
            #expect(!service.disposer.isIdle)
            service.disposer.dispose(job.id)
            #expect(service.folder.names(in: "in") == ["a.png"])
        }
        #expect(service.disposer.isIdle)
        #expect(service.undisposed == [job.id])
        service.disposer.dispose(job.id)
        #expect(service.folder.names(in: "archive") == ["a.png"])
    }
}

/// Originals that move to another file system.
@Suite(.enabled(if: OtherFileSystem.isThere, "needs /dev/shm on a file system of its own"))
struct DisposerAcrossTests {
    /// Copying a huge refused file takes minutes. The copying thread shows progress, and a person who retries the job
    /// meanwhile is told why this is not possible.
    @Test func aCopyShowsProgressAndLocksItsJob() throws {
        let other = try OtherFileSystem()
        let service = try TestService(inbox: "failed = \"\(other.path)\"")
        let operations = service.operations()
        let job = try service.failed("a.png")
        func retry() throws -> JobOutcome {
            guard case .jobs(let outcomes) = operations.perform(.retry(ids: [job.id])) else {
                throw FileError(.changed, "The retry was not answered.")
            }
            return outcomes[0]
        }
        var refusals: [String?] = []
        service.disposer.dispose(job.id) {
            #expect(FileManager.default.fileExists(atPath: job.input.source.string))
            #expect(service.undisposed == [job.id])
            refusals.append(try? retry().message)
        }
        #expect(refusals == ["The original of job \(job.id) is being moved; try again when it is done."])
        #expect(service.folder.names(in: "in") == [])
        #expect(try service.job(job.id).disposedSource == other.path.appending("a.png"))
        // The model is missing, which is the next thing to be checked.
        #expect(try retry().message?.contains("model") == true)
    }
}
