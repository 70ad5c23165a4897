import Foundation
import JobQueue
import SystemPackage
import Testing
import WorkerProtocol

/// A kind of store that must pass the suite. A new kind is added to `all`.
struct StoreKind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let open: @Sendable (TemporaryFolder, RetryPolicy, @escaping @Sendable () -> Double) throws -> any JobStore

    static let all = [
        StoreKind(testDescription: "SQLite") { folder, policy, random in
            try SQLiteJobStore(path: folder.database, retryPolicy: policy, random: random)
        }
    ]
}

/// What the daemon requires of every store.
@Suite struct JobStoreConformanceTests {
    private let folder: TemporaryFolder
    private let policy = RetryPolicy(maxAttempts: 3, firstDelay: 10, maxDelay: 15)

    init() throws { folder = try TemporaryFolder() }

    private func open(_ kind: StoreKind) throws -> any JobStore { try kind.open(folder, policy, { 0.5 }) }

    @Test(arguments: StoreKind.all) func aProbeChangesNothing(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        try store.probe()
        #expect(try store.jobs(states: nil, since: nil, limit: nil) == [job])
    }

    @Test(arguments: StoreKind.all) func enqueueKeepsEverything(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        #expect(job.input == .sample())
        #expect(job.state == .available && job.attempt == 0)
        #expect(job.createdAt == noon && job.queuedAt == noon)
        #expect(job.startedAt == nil && job.finishedAt == nil && job.metrics == nil && job.claim == nil)
        #expect(try store.job(id: job.id) == job)
        #expect(try store.job(id: job.id + 1) == nil)
        // The row survives closing the store.
        #expect(try open(kind).job(id: job.id) == job)
    }

    @Test(arguments: StoreKind.all) func namesAreBytes(_ kind: StoreKind) throws {
        let store = try open(kind)
        var bytes = (1...255).map { CChar(bitPattern: UInt8($0)) }.filter { $0 != 47 }
        bytes.append(0)
        let name = bytes.withUnsafeBufferPointer { FilePath.Component(platformString: $0.baseAddress!)! }
        var input = NewJob.sample()
        input.source = FilePath("/inbox").appending(name)
        input.outputName = name
        let job = try store.enqueue(input, now: noon).created()
        #expect(try store.job(id: job.id)?.input == input)
        #expect(try store.newestJob(source: input.source)?.id == job.id)
    }

    @Test(arguments: StoreKind.all) func sameBytesOfTheSameSourceAreOneJob(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add("a.jpg", content: 1)
        #expect(try store.enqueue(.sample("a.jpg", content: 1), now: noon) == .alreadyQueued(job))
        _ = try store.add("a.jpg", content: 2)
        _ = try store.add("b.jpg", content: 1)
        // After the job has ended, the same file is a new job.
        try store.finish(store.take())
        let again = try store.add("a.jpg", content: 1)
        #expect(again.id > job.id)
        #expect(try store.newestJob(source: "/inbox/a.jpg")?.id == again.id)
        #expect(try store.newestJob(source: "/inbox/c.jpg") == nil)
    }

    /// A file of an inbox is read while the job that owns it ends. Whatever step the job has reached when the file is to
    /// be queued, there is no second job, because the service moves or has moved the file for the first one.
    @Test(arguments: StoreKind.all) func aJobThatEndsWhileItsFileIsReadIsNotQueuedAgain(_ kind: StoreKind) throws {
        for isMoved in [true, false] {
            let store = try open(kind)
            let job = try store.add("\(isMoved).jpg", content: 1)
            let settled = try store.settledJobs(source: job.input.source)
            #expect(settled == [])
            try store.finish(store.take())
            if isMoved { try store.recordDisposal(id: job.id, disposedSource: "/archive/a.jpg") }
            let ended = try #require(try store.job(id: job.id))
            var again = job.input
            again.sourceStamp = "another stamp"
            #expect(try store.enqueue(again, settled: settled, now: noon) == .ended(ended))
            // Other content is another image, and a person may add the same file again.
            again.contentSHA256 = NewJob.hash(2)
            let others = [
                try store.enqueue(again, settled: settled, now: noon).created(),
                try store.enqueue(job.input, settled: nil, now: noon).created(),
            ]
            for other in others { _ = try store.cancel(id: other.id, now: noon) }
        }
    }

    /// A file that comes after the original was moved is a new image.
    @Test(arguments: StoreKind.all) func aSettledJobIsNoObstacle(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add("a.jpg", content: 1)
        try store.finish(store.take())
        #expect(try store.settledJobs(source: job.input.source) == [])
        try store.recordDisposal(id: job.id, disposedSource: "/archive/a.jpg")
        let settled = try store.settledJobs(source: job.input.source)
        #expect(settled == [job.id])
        #expect(try store.enqueue(job.input, settled: settled, now: noon).created().id > job.id)
    }

    /// A job is recognised by source, content, model and settings as long as its original was not moved away.
    @Test(arguments: StoreKind.all) func anEndedTwinKeepsItsOriginal(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add("a.jpg", content: 1)
        #expect(try store.endedTwin(of: job.input) == nil)
        try store.finish(store.take())
        try store.updateSourceStamp(id: job.id, "7:8:9:10")
        let twin = try #require(try store.endedTwin(of: job.input))
        #expect(twin.id == job.id && twin.input.sourceStamp == "7:8:9:10")
        for change in [\NewJob.contentSHA256, \.modelSHA256] {
            var other = job.input
            other[keyPath: change] = NewJob.hash(50)
            #expect(try store.endedTwin(of: other) == nil)
        }
        var other = job.input
        other.settings = "{}"
        #expect(try store.endedTwin(of: other) == nil)
        try store.recordDisposal(id: job.id, disposedSource: "/archive/a.jpg")
        #expect(try store.endedTwin(of: job.input) == nil)
    }

    @Test(arguments: StoreKind.all) func claimsInTheOrderOfArrival(_ kind: StoreKind) throws {
        let store = try open(kind)
        let late = try store.add("late.jpg", now: noon + 5)
        let first = try store.add("first.jpg", now: noon)
        let second = try store.add("second.jpg", now: noon)
        let taken = try #require(try store.claim(now: noon + 10))
        #expect(taken.id == first.id && taken.state == .running && taken.attempt == 1 && taken.startedAt == noon + 10)
        #expect(taken.claim != nil)
        #expect(try store.claim(now: noon + 10)?.id == second.id)
        #expect(try store.claim(now: noon + 10)?.id == late.id)
        #expect(try store.claim(now: noon + 10) == nil)
    }

    @Test(arguments: StoreKind.all) func completesThroughPublishing(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        let claim = try store.take()
        try store.beginPublishing(
            claim, temporary: "/outbox/.srgan-1.part", output: "/outbox/a.jpg", outputSHA256: NewJob.hash(5),
            metrics: .sample(seed: 1), reusedJobID: nil)
        try store.changeOutput(claim, output: "/outbox/a-2.jpg")
        let publishing = try #require(try store.job(id: job.id))
        #expect(publishing.state == .publishing && publishing.claim == claim && publishing.metrics == .sample(seed: 1))
        #expect(publishing.temporaryOutput == "/outbox/.srgan-1.part" && publishing.output == "/outbox/a-2.jpg")
        try store.complete(claim, metrics: .sample(seed: 2), now: noon + 9)
        let completed = try #require(try store.job(id: job.id))
        #expect(completed.state == .completed && completed.finishedAt == noon + 9 && completed.needsDisposal)
        #expect(completed.metrics == .sample(seed: 2) && completed.outputSHA256 == NewJob.hash(5))
        #expect(completed.temporaryOutput == nil && completed.claim == nil && completed.output == "/outbox/a-2.jpg")
        try store.recordDisposal(id: job.id, disposedSource: "/archive/a.jpg")
        let disposed = try #require(try store.job(id: job.id))
        #expect(disposed.disposedSource == "/archive/a.jpg" && !disposed.needsDisposal)
    }

    @Test(arguments: StoreKind.all) func aFileAddedByHandStaysWhereItIs(_ kind: StoreKind) throws {
        let store = try open(kind)
        var input = NewJob.sample()
        input.inbox = ""
        let job = try store.enqueue(input, now: noon).created()
        try store.finish(store.take())
        #expect(try store.job(id: job.id)?.needsDisposal == false)
    }

    @Test(arguments: StoreKind.all) func everyLateWriteLosesItsClaim(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        let old = try store.take()
        try store.release(old, now: noon)
        let new = try store.take()
        #expect(new.id == old.id && new.token != old.token)
        let before = try store.job(id: job.id)
        expectError(.lostClaim) {
            try store.beginPublishing(
                old, temporary: "/t", output: "/o", outputSHA256: NewJob.hash(5), metrics: JobMetrics(),
                reusedJobID: nil)
        }
        expectError(.lostClaim) { try store.changeOutput(old, output: "/o") }
        expectError(.lostClaim) { try store.complete(old, metrics: JobMetrics(), now: noon) }
        expectError(.lostClaim) { try store.fail(old, reason: .corrupt, message: "No.", metrics: nil, now: noon) }
        expectError(.lostClaim) { try store.release(old, now: noon) }
        // The right token in the wrong state changes nothing either.
        expectError(.lostClaim) { try store.changeOutput(new, output: "/o") }
        expectError(.lostClaim) { try store.complete(new, metrics: JobMetrics(), now: noon) }
        #expect(try store.job(id: job.id) == before)
        try store.finish(new)
        expectError(.lostClaim) { try store.complete(new, metrics: JobMetrics(), now: noon) }
    }

    @Test(arguments: StoreKind.all) func aWrongClockDelaysNoRetryForLong(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        let ahead = noon + 1_000_000
        _ = try store.fail(store.take(now: ahead), reason: .workerCrashed, message: "m", metrics: nil, now: ahead)
        #expect(try store.claim(now: noon)?.id == job.id)
    }

    @Test(arguments: StoreKind.all) func transientFailuresAreRetriedWithBackoff(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        #expect(try store.nextDue() == nil)
        // random is 0.5: the delay is three quarters of 10 s, then of min(20, 15) s.
        let first = try store.fail(store.take(), reason: .workerCrashed, message: "Signal 11.", metrics: nil, now: noon)
        #expect(first.state == .retryable && first.runAfter == noon + 7.5 && first.reason == .workerCrashed)
        #expect(first.finishedAt == nil && !first.needsDisposal)
        #expect(try store.nextDue() == noon + 7.5)
        #expect(try store.claim(now: noon + 7) == nil)
        let second = try store.fail(
            store.take(now: noon + 7.5), reason: .outOfMemory, message: "Full.", metrics: .sample(), now: noon + 8)
        #expect(second.state == .retryable && second.attempt == 2 && second.runAfter == noon + 8 + 11.25)
        let last = try store.fail(
            store.take(now: noon + 60), reason: .inputOutputError, message: "I/O.", metrics: nil, now: noon + 61)
        #expect(last.state == .failed && last.attempt == 3 && last.finishedAt == noon + 61 && last.needsDisposal)
        #expect(last.message == "I/O." && last.runAfter == nil && last.metrics == nil)
        #expect(try store.claim(now: .distantFuture) == nil)
        #expect(try store.job(id: job.id) == last)
    }

    /// The waits grow with the time that the job has waited, other jobs come first, no attempt is used up, and after
    /// `fullDiskPatience` the job fails.
    @Test(arguments: StoreKind.all) func aJobWithoutRoomWaitsAndFailsInTheEnd(_ kind: StoreKind) throws {
        var policy = policy
        policy.maxDelay = 1000
        policy.fullDiskPatience = 3600
        let store = try kind.open(folder, policy, { 0.5 })
        let big = try store.add("big.jpg")
        let small = try store.add("small.jpg", now: noon + 1)
        func fill(_ time: Date) throws -> Job {
            try store.fail(store.take(now: time), reason: .diskFull, message: "Full.", metrics: nil, now: time)
        }
        let first = try fill(noon + 2)
        #expect(first.state == .retryable && first.attempt == 1 && first.runAfter == noon + 2 + 7.5)
        #expect(first.reason == .diskFull && first.message == "Full.")
        // Also when the wait is over.
        #expect(try store.claim(now: noon + 100)?.id == small.id)
        let second = try fill(noon + 102)
        #expect(second.id == big.id && second.attempt == 1 && second.runAfter == noon + 102 + 75)
        // Another failure counts, and ends the wait.
        let crashed = try store.fail(
            store.take(now: noon + 200), reason: .workerCrashed, message: "Signal 11.", metrics: nil, now: noon + 200)
        #expect(crashed.state == .retryable && crashed.attempt == 1)
        let third = try fill(noon + 5000)
        #expect(third.attempt == 2 && third.runAfter == noon + 5000 + 7.5)
        #expect(try fill(noon + 5000 + 3599).state == .retryable)
        let last = try fill(noon + 5000 + 5000)
        #expect(last.state == .failed && last.attempt == 2 && last.reason == .diskFull && last.needsDisposal)
        #expect(last.message == "Full. It has waited for free space for 83 minutes.")
        // A person's retry begins anew.
        _ = try store.retry(id: big.id, spool: "/s", source: big.input.source, now: noon + 20_000)
        #expect(try fill(noon + 20_000).runAfter == noon + 20_000 + 7.5)
    }

    @Test(arguments: StoreKind.all) func aBadImageFailsOnce(_ kind: StoreKind) throws {
        let store = try open(kind)
        _ = try store.add()
        let job = try store.fail(store.take(), reason: .truncated, message: "Half a file.", metrics: nil, now: noon)
        #expect(job.state == .failed && job.attempt == 1 && job.reason == .truncated && job.message == "Half a file.")
    }

    @Test(arguments: StoreKind.all) func aDueRetryKeepsItsPlaceInTheQueue(_ kind: StoreKind) throws {
        let store = try open(kind)
        let old = try store.add("old.jpg", now: noon)
        _ = try store.fail(store.take(), reason: .workerCrashed, message: "m", metrics: nil, now: noon)
        let new = try store.add("new.jpg", now: noon + 1)
        #expect(try store.claim(now: noon + 100)?.id == old.id)
        #expect(try store.claim(now: noon + 100)?.id == new.id)
    }

    @Test(arguments: StoreKind.all) func everyReasonCanBeStored(_ kind: StoreKind) throws {
        let store = try open(kind)
        for reason in FailureReason.allCases {
            var input = NewJob.sample("\(reason).jpg")
            input.spool = ""
            input.contentSHA256 = ""
            let job = try store.reject(input, reason: reason, message: "So.", needsDisposal: true, now: noon)
            #expect(job.state == .failed && job.reason == reason && job.needsDisposal && job.attempt == 0)
            #expect(try store.retry(id: job.id, spool: "/s", source: input.source, now: noon) == nil)
        }
        #expect(try store.claim(now: noon) == nil)
    }

    @Test(arguments: StoreKind.all) func releaseGivesTheAttemptBack(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        try store.release(store.take(), now: noon)
        #expect(try store.job(id: job.id) == job)
        let claim = try store.take()
        try store.beginPublishing(
            claim, temporary: "/t", output: "/o", outputSHA256: NewJob.hash(5), metrics: .sample(), reusedJobID: nil)
        try store.release(claim, now: noon)
        #expect(try store.job(id: job.id) == job)
    }

    @Test(arguments: StoreKind.all) func cancelAndRetry(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        let claim = try store.take()
        let cancelled = try #require(try store.cancel(id: job.id, now: noon + 1))
        #expect(cancelled.state == .cancelled && cancelled.finishedAt == noon + 1 && cancelled.claim == nil)
        #expect(try store.cancel(id: job.id, now: noon) == nil)
        #expect(try store.cancel(id: 4711, now: noon) == nil)
        expectError(.lostClaim) { try store.finish(claim) }

        let retried = try #require(try store.retry(id: job.id, spool: "/new", source: "/archive/a.jpg", now: noon + 2))
        #expect(retried.state == .available && retried.attempt == 0 && retried.queuedAt == noon + 2)
        #expect(retried.input.spool == "/new" && retried.input.source == "/archive/a.jpg")
        #expect(retried.createdAt == noon && retried.finishedAt == nil && !retried.needsDisposal)
        #expect(try store.retry(id: job.id, spool: "/new", source: "/a", now: noon) == nil)

        try store.finish(store.take())
        #expect(try store.retry(id: job.id, spool: "/new", source: "/a", now: noon) == nil)
        #expect(try store.cancel(id: job.id, now: noon) == nil)
    }

    @Test(arguments: StoreKind.all) func aJobThatIsPublishingIsNotCancelled(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        let claim = try store.take()
        try store.beginPublishing(
            claim, temporary: "/t", output: "/o", outputSHA256: NewJob.hash(5), metrics: .sample(), reusedJobID: nil)
        #expect(try store.cancel(id: job.id, now: noon) == nil)
        try store.complete(claim, metrics: .sample(), now: noon)
    }

    @Test(arguments: StoreKind.all) func retryIsRefusedWhileTheSameFileWaits(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        _ = try store.cancel(id: job.id, now: noon)
        let other = try store.add()
        let message = expectError(.alreadyQueued) {
            try store.retry(id: job.id, spool: "/s", source: job.input.source, now: noon)
        }
        #expect(message.contains("\(other.id)"))
    }

    @Test(arguments: StoreKind.all) func aTwinIsEqualInContentModelAndSettings(_ kind: StoreKind) throws {
        let store = try open(kind)
        let first = try store.add("a.jpg", content: 1)
        let waiting = try store.add("b.jpg", content: 1)
        #expect(try store.completedTwin(of: waiting) == nil)
        try store.finish(store.take())
        #expect(try store.completedTwin(of: waiting)?.id == first.id)
        #expect(try store.completedTwin(of: first) == nil)
        var other = waiting
        other.input.settings = #"{"format":"png"}"#
        #expect(try store.completedTwin(of: other) == nil)
        other = waiting
        other.input.modelSHA256 = NewJob.hash(78)
        #expect(try store.completedTwin(of: other) == nil)

        try store.finish(store.take(), reused: first.id)
        #expect(try store.job(id: waiting.id)?.reusedJobID == first.id)
        let third = try store.add("c.jpg", content: 1)
        #expect(try store.completedTwin(of: third)?.id == waiting.id)
        #expect(try store.statistics(now: noon).reused == 1)
    }

    @Test(arguments: StoreKind.all) func pauseSurvivesARestart(_ kind: StoreKind) throws {
        let store = try open(kind)
        _ = try store.add()
        #expect(try !store.isPaused())
        try store.setPaused(true, now: noon)
        #expect(try store.claim(now: noon) == nil)
        #expect(try open(kind).isPaused())
        try store.setPaused(false, now: noon)
        #expect(try !store.isPaused())
        _ = try store.take()
    }
}
