import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

@testable import QueueControl
@testable import UpscaleDaemon

/// Every way in which an attempt ends: what the row, the files and the dispatcher's numbers say afterwards.
@Suite struct JobFinisherTests {
    private let service: TestService
    private let heartbeat = Heartbeat(name: "slot")

    init() throws {
        service = try TestService(sections: "[limits]\nmin_free_space_mb = 0")
    }

    /// A job that a slot has claimed.
    private func claim(_ name: String) throws -> (job: Job, claim: Claim) {
        _ = try service.queue(name)
        let job = try #require(service.dispatcher.nextJob())
        return (job, try #require(job.claim))
    }

    private func produce(_ job: Job) throws -> AttemptOutcome {
        let file = try PendingOutput.create(for: job, in: service.live.current.folders)
        try file.descriptor.writeAll(Array("upscaled".utf8))
        return .produced(ProducedOutput(file: file, format: "png", metrics: JobMetrics()))
    }

    private func finish(_ job: Job, _ claim: Claim, _ attempt: Result<AttemptOutcome, any Error>) {
        service.finisher.finish(job, claim: claim, after: attempt, heartbeat: heartbeat)
    }

    private var copies: [String] { service.folder.names(in: "state/spool") }

    @Test func aProducedOutputIsPublished() throws {
        let (job, claim) = try claim("a.png")
        finish(job, claim, .success(try produce(job)))
        let row = try service.job(job.id)
        #expect(row.state == .completed && !row.needsDisposal)
        let metrics = try #require(row.metrics)
        #expect(metrics.totalSeconds >= 0 && metrics.publishSeconds > 0)
        #expect(service.folder.names(in: "out") == ["a.png"] && copies == [])
        #expect(service.folder.names(in: "archive") == ["a.png"])
        #expect(service.dispatcher.completed == 1 && service.dispatcher.running.isEmpty)
    }

    @Test func aFailureKeepsWhatTheWorkerMeasured() throws {
        let (job, claim) = try claim("a.png")
        var metrics = JobMetrics()
        metrics.cpuSeconds = 2
        finish(job, claim, .success(.failed(.corrupt, "It is broken.", metrics)))
        let row = try service.job(job.id)
        #expect(row.state == .failed && row.metrics?.cpuSeconds == 2)
        #expect(service.folder.names(in: "failed") == ["a.png", "a.png.reason.txt"] && copies == [])
        #expect(service.dispatcher.failed == 1)
    }

    @Test func aJobThatWillBeTriedAgainKeepsItsFiles() throws {
        let (job, claim) = try claim("a.png")
        finish(job, claim, .success(.failed(.workerCrashed, "It crashed.", nil)))
        #expect(try service.job(job.id).state == .retryable)
        #expect(copies.count == 1 && service.folder.names(in: "in") == ["a.png"])
        #expect(service.dispatcher.failed == 0)
    }

    @Test func aReleasedJobIsUncharged() throws {
        let (job, claim) = try claim("a.png")
        finish(job, claim, .success(.released("The disk is full.")))
        let row = try service.job(job.id)
        #expect(row.state == .available && row.attempt == 0)
        #expect(copies.count == 1)
    }

    /// A job without room waits alone. When the next one has no room either, all wait.
    @Test func aJobWithoutRoomLetsOthersPass() throws {
        let (big, bigClaim) = try claim("big.png")
        finish(big, bigClaim, .success(.failed(.diskFull, "It does not fit.", nil)))
        let row = try service.job(big.id)
        #expect(row.state == .retryable && row.attempt == 1 && row.reason == .diskFull)
        #expect(row.message?.hasPrefix("It does not fit. There is ") == true)
        #expect(row.message?.hasSuffix(" free in \(big.input.outputFolder).") == true)
        #expect(service.dispatcher.isDiskFull && service.dispatcher.trouble == nil)

        let (small, smallClaim) = try claim("small.png")
        finish(small, smallClaim, .success(try produce(small)))
        #expect(try service.job(small.id).state == .completed)
        #expect(!service.dispatcher.isDiskFull)

        for (index, name) in ["c.png", "d.png"].enumerated() {
            let (job, claim) = try claim(name)
            finish(job, claim, .success(.failed(.diskFull, "It does not fit.", nil)))
            #expect((service.dispatcher.trouble != nil) == (index == 1))
        }
        _ = try service.queue("e.png")
        #expect(service.dispatcher.nextJob() == nil)
    }

    /// A file of the outbox has the name of the output's folder.
    @Test func aFolderWhoseNameIsTakenGetsAnother() throws {
        let outbox = service.inbox.configuration.outbox
        func create(_ folder: FilePath) throws -> FilePath {
            try OutputFolder.create(folder, in: service.live.current.folders).path
        }
        try service.folder.write("an output", to: "out/a.png")
        try service.folder.makeFolder("out/sub")
        try service.folder.write("an output", to: "out/sub/b.png")
        for _ in 0..<2 {
            #expect(try create(outbox.pushing("a.png/sub/b.png")) == outbox.pushing("a (2).png/sub/b.png"))
        }
        #expect(try create(outbox.pushing("sub/b.png")) == outbox.pushing("sub/b (2).png"))
        #expect(try create(outbox.pushing("sub")) == outbox.pushing("sub"))
        #expect(service.folder.read("out/a.png") == "an output")
        // A link is not avoided: the job fails and says why.
        symlink(service.folder.path.string, outbox.appending("link").string)
        #expect(throws: FileError.self) { try create(outbox.pushing("link")) }
        // Neither is a file in place of the outbox.
        try FileManager.default.removeItem(atPath: outbox.string)
        try service.folder.write("a file", to: "out")
        #expect(throws: FileError.self) { try create(outbox.appending("a.png")) }
    }

    /// An output that cannot be written fails the job; a full or missing outbox does not.
    @Test func anOutputThatCannotBePublishedFailsTheJob() throws {
        try service.folder.makeFolder("in/sub")
        let (job, claim) = try claim("sub/a.png")
        let outcome = try produce(job)
        try FileManager.default.removeItem(atPath: job.input.outputFolder.string)
        finish(job, claim, .success(outcome))
        let row = try service.job(job.id)
        #expect(row.state == .retryable && row.reason == .inputOutputError)
    }

    /// The outbox may be on a file system that is not mounted.
    @Test func aMissingOutboxReleasesTheJob() throws {
        let (job, claim) = try claim("a.png")
        let outcome = try produce(job)
        try FileManager.default.removeItem(atPath: job.input.outputFolder.string)
        finish(job, claim, .success(outcome))
        let row = try service.job(job.id)
        #expect(row.state == .available && row.attempt == 0)
    }

    @Test func aCancelledJobLeavesNoOutputAndNoCopy() throws {
        let (job, claim) = try claim("a.png")
        guard case .jobs(let outcomes) = service.operations().perform(.cancel(ids: [job.id])) else {
            Issue.record("no answer")
            return
        }
        #expect(outcomes.first?.changed == true)
        finish(job, claim, .success(try produce(job)))
        #expect(try service.job(job.id).state == .cancelled)
        #expect(service.folder.names(in: "out") == [] && copies == [])
        #expect(service.folder.names(in: "in") == ["a.png"])
        #expect(service.dispatcher.completed == 0)
    }

    /// The first worker still ends when its job waits again: the second attempt's copy stays.
    @Test func aJobThatWasRetriedMeanwhileKeepsItsNewCopy() throws {
        let (job, claim) = try claim("a.png")
        _ = try service.store.cancel(id: job.id, now: Date())
        let (copy, source) = try #require(try service.copyAgain(job))
        _ = try service.store.retry(id: job.id, spool: copy, source: source, now: Date())
        finish(job, claim, .success(.cancelled))
        #expect(try service.job(job.id).state == .available)
        #expect(copies == [try #require(copy.lastComponent).string])
    }

    /// A person cancels a job between the release by its slot and the end of the claim, and leaves the files to the slot.
    @Test func aJobThatIsCancelledAtItsReleaseIsCleanedUp() throws {
        let (job, claim) = try claim("a.png")
        try service.store.release(claim, now: Date())
        _ = try service.store.cancel(id: job.id, now: Date())
        #expect(service.dispatcher.cancel(job.id))
        finish(job, claim, .failure(JobStoreError(.lostClaim, "It is lost.")))
        #expect(copies == [])
        #expect(try service.job(job.id).needsDisposal == false)
    }

    @Test func aQueueThatIsBusyGivesTheJobBack() throws {
        let (job, claim) = try claim("a.png")
        finish(job, claim, .failure(JobStoreError(.busy, "It is locked.")))
        let row = try service.job(job.id)
        #expect(row.state == .available && row.attempt == 0 && copies.count == 1)
    }

    @Test func aRowThatTheDatabaseRefusesIsLeftForTheNextStart() throws {
        let (job, claim) = try claim("a.png")
        finish(job, claim, .failure(JobStoreError(.contradiction, "A check failed.")))
        #expect(try service.job(job.id).state == .running && copies.count == 1)
        #expect(service.dispatcher.running.isEmpty && service.stop.error == nil)
    }

    @Test func aFailedSyncEndsTheService() throws {
        let (job, claim) = try claim("a.png")
        finish(job, claim, .failure(FileError(.notDurable, "It cannot be made durable.")))
        #expect(try service.job(job.id).state == .running)
        #expect(service.stop.error == "It cannot be made durable.")
    }

    // MARK: - Recovery

    /// An output that stays half published is counted until it is finished.
    @Test func aJobThatCannotBeFinishedIsTriedAgain() throws {
        let (job, claim, temporary) = try service.running("a.png")
        try service.store.beginPublishing(
            claim, temporary: temporary, output: job.input.outputFolder.appending("a.png"),
            outputSHA256: RegularFile.sha256(temporary), metrics: JobMetrics(), reusedJobID: nil)
        try Unreachable.unanswering.during(job.input.outputFolder) {
            try service.recovery.finishAll { true }
            #expect(service.recovery.stuckJobs == 1)
        }
        try service.recovery.finishAll { false }
        #expect(try service.job(job.id).state == .publishing)
        try service.recovery.finishAll { true }
        #expect(try service.job(job.id).state == .completed)
        #expect(service.recovery.stuckJobs == 0 && copies == [])
    }
}
