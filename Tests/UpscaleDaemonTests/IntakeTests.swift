import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing
import WorkerProtocol

@testable import QueueControl
@testable import ServiceConfiguration
@testable import UpscaleDaemon

@Suite struct IntakeTests {
    @Test func aFileBecomesAJobWithASpooledCopy() throws {
        let service = try TestService(inbox: "format = \"png\"")
        try service.folder.makeFolder("in/trip")
        let job = try service.queue("trip/a.jpg", content: "abc")
        #expect(job.input.source == service.inbox.configuration.path.pushing("trip/a.jpg"))
        #expect(job.input.contentSHA256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(job.input.contentSize == 3)
        #expect(job.input.outputFolder == service.inbox.configuration.outbox.appending("trip"))
        #expect(job.input.outputName == FilePath.Component("a.png"))
        #expect(try RegularFile.read(job.input.spool, limit: 10) == Array("abc".utf8))
        #expect(OutputSettings(canonical: job.input.settings)?.format == "png")
    }

    /// The job has ended and its original is about to be moved. Until then a copy at the original's path creates no
    /// second job; afterwards it does.
    @Test(arguments: [true, false])
    func anOriginalToBeMovedIsNotTakenAgain(isCompleted: Bool) throws {
        let service = try TestService()
        let job = isCompleted ? try service.completed("a.jpg") : try service.failed("a.jpg")
        let source = job.input.source.string
        rename(source, service.folder.path.pushing("away").string)
        try service.folder.write("image a.jpg", to: "in/a.jpg")
        guard case .owed = try service.take("a.jpg") else {
            Issue.record("was taken again")
            return
        }
        #expect(service.folder.names(in: "state/spool").count == 1)
        try service.store.recordDisposal(id: job.id, disposedSource: service.folder.path.pushing("archive/a.jpg"))
        guard case .created = try service.take("a.jpg") else {
            Issue.record("was not taken")
            return
        }
        // Different content at the same path is another job.
        try service.folder.write("another image", to: "in/a.jpg")
        guard case .created = try service.take("a.jpg") else {
            Issue.record("was not taken")
            return
        }
    }

    /// After a power cut, a file came back with another inode while its job waits. The job runs, ends and moves the file
    /// away in the moment between the last look at the file and the new row.
    @Test(arguments: [true, false])
    func aFileWhoseJobEndsWhileItIsReadIsNotTakenTwice(isMoved: Bool) throws {
        let service = try TestService()
        let (job, claim, temporary) = try service.running("a.jpg")
        let source = job.input.source
        try FileManager.default.removeItem(atPath: source.string)
        try service.folder.write("image a.jpg", to: "in/a.jpg")
        let store = InterruptedStore(store: service.store) {
            try service.finisher.publish(try service.output(temporary), of: job, claim: claim, heartbeat: nil)
            if isMoved { service.disposer.cleanUp(after: job) }
        }
        guard case .owed(let ended) = try service.take("a.jpg", by: Intake(store: store, spool: service.spool)) else {
            Issue.record("was taken again")
            return
        }
        #expect(ended.id == job.id)
        service.disposer.cleanUp(after: job)
        guard case .gone = try service.take("a.jpg") else {
            Issue.record("is still there")
            return
        }
        #expect(service.folder.names(in: "archive") == ["a.jpg"] && service.folder.names(in: "state/spool") == [])
        #expect(try service.store.jobs(states: nil, since: nil, limit: nil).map(\.id) == [job.id])
    }

    /// How the original of a completed job comes back to its place with the same bytes.
    enum Return: CaseIterable {
        case touched, copied, olderVersionRestored
    }

    /// Originals stay in the inbox. A backup was restored, the disk was replaced or the file was touched: it is no new
    /// image, also when the outbox was emptied. With other settings it is one.
    @Test(arguments: Return.allCases) func aKeptOriginalThatComesBackIsDone(_ way: Return) throws {
        let service = try TestService(inbox: "originals = \"keep\"")
        let job = try service.completed("a.jpg")
        service.disposer.cleanUp(after: job)
        let path = job.input.source.string
        switch way {
        case .touched:
            let time = timeval(tv_sec: 7, tv_usec: 0)
            try #require(utimes(path, [time, time]) == 0)
        case .copied:
            try FileManager.default.copyItem(atPath: path, toPath: path + ".new")
            try #require(rename(path + ".new", path) == 0)
        case .olderVersionRestored:
            let other = try service.queue("a.jpg", content: "edited!")
            _ = try service.store.cancel(id: other.id, now: Date())
            service.disposer.cleanUp(after: other)
            try service.folder.write("image a.jpg", to: "in/a.jpg")
        }
        guard case .alreadyTaken = try service.take("a.jpg") else {
            Issue.record("was taken again")
            return
        }
        // The job remembers the file, which is therefore not read again after a restart.
        #expect(try service.job(job.id).input.sourceStamp == FileStamp.of(job.input.source)?.stamp.word)
        #expect(service.folder.names(in: "state/spool") == [])

        try service.configure(inbox: "originals = \"keep\"\nformat = \"webp\"")
        try FileManager.default.removeItem(atPath: path)
        try service.folder.write("image a.jpg", to: "in/a.jpg")
        guard case .created = try service.take("a.jpg") else {
            Issue.record("other settings make no job")
            return
        }
    }

    /// The inbox's share has other inodes after each mount, and does not always answer.
    @Test func pruningKeepsJobsOfFilesThatMayExist() throws {
        let service = try TestService(inbox: "originals = \"keep\"")
        let job = try service.completed("a.jpg")
        service.disposer.dispose(job.id)
        try FileManager.default.removeItem(atPath: job.input.source.string)
        try service.folder.write("image a.jpg", to: "in/a.jpg")
        let later = Date(timeIntervalSinceNow: 60)
        #expect(try QueueOperations.prune(service.store, finishedBefore: later) == 0)
        try Unreachable.unanswering.during(service.inbox.configuration.path) {
            let pruned = try QueueOperations.prune(service.store, finishedBefore: later)
            #expect(pruned == 0)
        }
    }

    /// Only its job shows that a file that stays in its inbox was already taken.
    @Test func pruningKeepsJobsOfFilesThatStillExist() throws {
        let service = try TestService(inbox: "originals = \"keep\"")
        let job = try service.queue("a.jpg")
        _ = try service.store.cancel(id: job.id, now: Date())
        service.disposer.dispose(job.id)
        chmod(job.input.source.string, 0o640)
        let later = Date(timeIntervalSinceNow: 60)
        #expect(try QueueOperations.prune(service.store, finishedBefore: later) == 0)
        guard case .alreadyTaken = try service.take("a.jpg") else {
            Issue.record("was taken again")
            return
        }
        try FileManager.default.removeItem(atPath: job.input.source.string)
        #expect(try QueueOperations.prune(service.store, finishedBefore: later) == 1)
    }

    @Test func aFileThatDoesNotFitOnTheDiskWaits() throws {
        let service = try TestService()
        let free = try #require(FreeSpace.bytes(at: service.spool.folder))
        try service.folder.write("image", to: "in/a.jpg")
        for (megabytes, waits) in [(free / 1_000_000 * 3 / 4, true), (0, false)] {
            var configuration = service.live.current.configuration
            configuration.limits.minFreeSpace = megabytes * 1_000_000
            let scanner = InboxScanner(service.inbox.configuration)
            let entry = try #require(scanner.entry(at: service.inbox.configuration.path.appending("a.jpg")))
            let outcome = try service.intake.take(
                entry, scanner: scanner, inbox: service.inbox, configuration: configuration, now: Date())
            switch outcome {
            case .noRoom: #expect(waits)
            case .created: #expect(!waits)
            default: Issue.record("\(outcome)")
            }
        }
    }

    /// A share was not mounted and left an empty folder in its place. It comes back with originals that were to leave
    /// it.
    @Test(arguments: ["archive", "delete"])
    func anOriginalOnAReturnedShareIsMoved(originals: String) throws {
        let service = try TestService(inbox: "originals = \"\(originals)\"")
        try service.folder.makeFolder("in/share")
        let jobs = [try service.completed("share/a.jpg"), try service.failed("share/b.jpg")]
        let (share, away) = (service.folder.path.pushing("in/share").string, service.folder.path.pushing("away").string)
        try #require(rename(share, away) == 0 && mkdir(share, 0o755) == 0)
        for job in jobs {
            service.disposer.dispose(job.id)
            #expect(try !service.job(job.id).needsDisposal)
        }
        try #require(rmdir(share) == 0 && rename(away, share) == 0)
        for name in ["share/a.jpg", "share/b.jpg"] {
            guard case .alreadyTaken = try service.take(name) else {
                Issue.record("was taken again")
                return
            }
        }
        #expect(service.undisposed == jobs.map(\.id))
        for job in jobs { service.disposer.dispose(job.id) }
        #expect(service.folder.names(in: "in/share") == [])
        #expect(service.folder.names(in: "archive/share") == (originals == "archive" ? ["a.jpg"] : []))
        #expect(service.folder.names(in: "failed/share") == ["b.jpg", "b.jpg.reason.txt"])
    }

    /// A file that was deliberately kept stays, even if the configuration changes later.
    @Test(arguments: ["archive", "delete"])
    func aKeptOriginalStays(originals: String) throws {
        let service = try TestService(inbox: "originals = \"keep\"")
        let job = try service.completed("a.jpg")
        service.disposer.dispose(job.id)
        try service.configure(inbox: "originals = \"\(originals)\"")
        guard case .alreadyTaken = try service.take("a.jpg") else {
            Issue.record("was taken again")
            return
        }
        #expect(service.undisposed == [])
    }

    @Test func theSameFileIsTakenOnlyOnce() throws {
        let service = try TestService(inbox: "originals = \"keep\"")
        let job = try service.queue("a.jpg")
        guard case .alreadyTaken = try service.take("a.jpg") else {
            Issue.record("was taken twice")
            return
        }
        // Also after its job has ended and its permissions were changed.
        let claimed = try #require(try service.store.claim(now: Date()))
        _ = try service.store.fail(claimed.claim!, reason: .corrupt, message: "m", metrics: nil, now: Date())
        service.disposer.dispose(job.id)
        chmod(job.input.source.string, 0o640)
        guard case .alreadyTaken = try service.take("a.jpg") else {
            Issue.record("was taken again")
            return
        }
        #expect(service.folder.names(in: "state/spool").count == 1)
    }

    @Test func newContentUnderTheNameIsAnotherJob() throws {
        let service = try TestService()
        let first = try service.queue("a.jpg", content: "one")
        let second = try service.queue("a.jpg", content: "two!")
        #expect(first.id != second.id)
    }

    @Test func equalContentOfAWaitingFileIsTheSameJob() throws {
        let service = try TestService()
        let job = try service.queue("a.jpg")
        try FileManager.default.removeItem(atPath: job.input.source.string)
        try service.folder.write("image", to: "in/a.jpg")
        guard case .alreadyQueued(let existing) = try service.take("a.jpg") else {
            Issue.record("was queued twice")
            return
        }
        #expect(existing.id == job.id)
        #expect(service.folder.names(in: "state/spool").count == 1)
    }

    @Test func aFileThatWasMovedAwayAndBackIsTakenAgain() throws {
        let service = try TestService()
        let job = try service.queue("a.jpg")
        let claimed = try #require(try service.store.claim(now: Date()))
        _ = try service.store.fail(claimed.claim!, reason: .corrupt, message: "m", metrics: nil, now: Date())
        service.disposer.dispose(job.id)
        rename(service.folder.path.pushing("failed/a.jpg").string, job.input.source.string)
        guard case .created = try service.take("a.jpg") else {
            Issue.record("was not taken")
            return
        }
    }

    @Test(arguments: [("", FailureReason.empty), (String(repeating: "x", count: 1_000_001), .tooLarge)])
    func aFileThatCanNeverBeAJobFailsAtOnce(content: String, reason: FailureReason) throws {
        let service = try TestService(sections: "[limits]\nmax_file_size_mb = 1")
        try service.folder.write(content, to: "in/a.jpg")
        guard case .rejected(let job) = try service.take("a.jpg") else {
            Issue.record("was not rejected")
            return
        }
        #expect(job.state == .failed)
        #expect(job.reason == reason)
        #expect(job.needsDisposal)
        service.disposer.dispose(job.id)
        #expect(service.folder.names(in: "failed") == ["a.jpg", "a.jpg.reason.txt"])
        #expect(service.folder.names(in: "in") == [])
    }

    @Test func whatIsNotAFileIsReportedOnceAndLeftAlone() throws {
        let service = try TestService()
        let path = service.inbox.configuration.path.appending("a.jpg")
        mkfifo(path.string, 0o600)
        guard case .rejected(let job) = try service.take("a.jpg") else {
            Issue.record("was not rejected")
            return
        }
        #expect(job.reason == .notARegularFile)
        #expect(!job.needsDisposal)
        guard case .alreadyTaken = try service.take("a.jpg") else {
            Issue.record("was noted twice")
            return
        }
    }

    @Test func anAddedFileStaysWhereItIs() throws {
        let service = try TestService()
        let path = try service.folder.write("image", to: "mine.jpg")
        guard
            case .created(let job) = try service.intake.add(
                path, inbox: service.inbox, configuration: service.live.current.configuration,
                folders: service.live.current.folders, now: Date())
        else {
            Issue.record("was not taken")
            return
        }
        #expect(job.input.inbox.isEmpty)
        #expect(job.input.outputFolder == service.inbox.configuration.outbox)
    }

    /// A retry and `srgan-jobs add` read nothing through a link below a configured folder.
    @Test func noLinkIsFollowedToAnOriginal() throws {
        let service = try TestService()
        try service.folder.makeFolder("in/sub")
        let job = try service.queue("sub/a.jpg", content: "right")
        let sub = service.folder.path.pushing("in/sub")
        rename(sub.string, service.folder.path.appending("elsewhere").string)
        symlink(service.folder.path.appending("elsewhere").string, sub.string)
        #expect(try service.copyAgain(job) == nil)
        let outcome = try service.intake.add(
            job.input.source, inbox: service.inbox, configuration: service.live.current.configuration,
            folders: service.live.current.folders, now: Date())
        guard case .postponed(let why) = outcome else {
            Issue.record("was taken")
            return
        }
        #expect(why.contains("symbolic link"))
    }

    /// A configured folder may be a link, but never to the state folder.
    @Test func theStateFolderIsNeverOpenedAsAnother() throws {
        let service = try TestService()
        let archive = service.folder.path.appending("archive")
        for (target, isRefused) in [("elsewhere", false), ("state", true), ("state/spool", true)] {
            try service.folder.makeFolder(target)
            try FileManager.default.removeItem(atPath: archive.string)
            symlink(service.folder.path.pushing(FilePath(target)).string, archive.string)
            let folders = service.live.current.folders
            #expect(((try? folders.create(archive)) == nil) == isRefused, "\(target)")
            #expect(((try? folders.open(archive)) == nil) == isRefused, "\(target)")
        }
    }

    @Test func aLostSpooledCopyIsMadeAgainOnlyFromTheSameBytes() throws {
        let service = try TestService()
        let job = try service.queue("a.jpg", content: "right")
        service.spool.remove(job.input.spool)
        let again = try #require(try service.copyAgain(job))
        #expect(try RegularFile.read(again.copy, limit: 10) == Array("right".utf8))
        try service.folder.write("wrong", to: "in/a.jpg")
        #expect(try service.copyAgain(job) == nil)
    }
}
