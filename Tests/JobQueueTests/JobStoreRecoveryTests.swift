import FaultInjection
import Foundation
import JobQueue
import SystemPackage
import Testing

/// The second half of the conformance suite: recovery, listing, statistics, pruning, threads.
@Suite struct JobStoreRecoveryTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func open(_ kind: StoreKind, maxAttempts: Int = 3) throws -> any JobStore {
        try kind.open(folder, RetryPolicy(maxAttempts: maxAttempts), { 0 })
    }

    @Test(arguments: StoreKind.all) func recoveryTakesJobsBack(_ kind: StoreKind) throws {
        let store = try open(kind)
        for name in ["run", "publish", "done", "kept", "wait"] { _ = try store.add(name) }
        let running = try store.take()
        let publishing = try store.take()
        try store.beginPublishing(
            publishing, temporary: "/t", output: "/o", outputSHA256: NewJob.hash(5), metrics: .sample(),
            reusedJobID: nil)
        let undisposed = try store.take()
        try store.finish(undisposed)
        let kept = try store.take()
        try store.finish(kept)
        try store.recordDisposal(id: kept.id, disposedSource: nil)

        let restarted = try open(kind)
        let recovery = try restarted.recover(now: noon + 60)
        #expect(recovery.requeued.map(\.id) == [running.id])
        #expect(recovery.requeued.first?.state == .available && recovery.requeued.first?.attempt == 1)
        #expect(recovery.publishing.map(\.claim) == [publishing])
        #expect(recovery.publishing.first?.metrics == .sample())
        #expect(try restarted.undisposed() == [undisposed.id])
        // The publisher can complete a job whose output it finds renamed. The dead instance's worker can write nothing
        // any more.
        try restarted.complete(publishing, metrics: .sample(), now: noon + 60)
        expectError(.lostClaim) { try restarted.release(running, now: noon) }
        // The job that was queued first is first again.
        #expect(try restarted.claim(now: noon + 61)?.id == running.id)
    }

    #if DEBUG
        /// An old claim must not overwrite its successor. Without that, `recoveryTakesJobsBack` fails.
        @Test func aStoreThatIgnoresTokensIsDetected() throws {
            let store = try SQLiteJobStore(path: folder.database)
            _ = try store.add()
            let old = try store.take()
            _ = try store.recover(now: noon)
            let new = try store.take()
            expectError(.lostClaim) { try store.release(old, now: noon) }
            try FaultPlan.$current.withValue(FaultPlan([.skipTokenCheck])) { try store.release(old, now: noon) }
            expectError(.lostClaim) { try store.release(new, now: noon) }
        }
    #endif

    @Test(arguments: StoreKind.all) func aJobThatKillsTheServiceEndsFailed(_ kind: StoreKind) throws {
        _ = try open(kind).add("poison")
        _ = try open(kind).add("behind")
        for attempt in 1...2 {
            let store = try open(kind, maxAttempts: 2)
            _ = try store.recover(now: noon)
            #expect(try store.claim(now: noon)?.attempt == attempt)
        }
        let store = try open(kind, maxAttempts: 2)
        let recovery = try store.recover(now: noon + 5)
        let poison = try #require(recovery.requeued.first)
        #expect(poison.state == .failed && poison.reason == .workerCrashed && poison.needsDisposal)
        #expect(try store.undisposed() == [poison.id])
        #expect(try store.claim(now: noon)?.input.source == "/inbox/behind")
    }

    @Test(arguments: StoreKind.all) func listing(_ kind: StoreKind) throws {
        let store = try open(kind)
        for number in 0..<10 { _ = try store.add("\(number)", now: noon + Double(number)) }
        for _ in 0..<4 { try store.finish(store.take()) }
        _ = try store.cancel(id: store.jobs(states: [.available], since: nil, limit: nil)[0].id, now: noon)

        func names(_ states: Set<JobState>?, _ since: Date?, _ limit: Int?) throws -> String {
            try store.jobs(states: states, since: since, limit: limit)
                .map { $0.input.outputName.string }.joined()
        }
        #expect(try names(nil, nil, nil) == "0123456789")
        #expect(try names(nil, nil, 3) == "789")
        #expect(try names(nil, noon + 8, nil) == "89")
        #expect(try names([.completed], nil, nil) == "0123")
        #expect(try names([.completed], nil, 2) == "23")
        #expect(try names([.completed, .cancelled, .available], nil, 7) == "3456789")
        #expect(try names([.completed, .cancelled], noon + 2, 2) == "34")
        #expect(try names([.failed], nil, nil).isEmpty)
        #expect(try names([], nil, nil).isEmpty)
        #expect(try names(nil, nil, 0).isEmpty)
    }

    @Test(arguments: StoreKind.all) func statisticsAreSumsOverTheJobs(_ kind: StoreKind) throws {
        let store = try open(kind)
        for number in 0..<12 { _ = try store.add("\(number)", content: number, now: noon + Double(number)) }
        for seed in 1...5 { try store.finish(store.take(), metrics: .sample(seed: seed)) }
        _ = try store.fail(store.take(), reason: .corrupt, message: "No.", metrics: .sample(), now: noon)
        _ = try store.fail(store.take(), reason: .corrupt, message: "No.", metrics: nil, now: noon)
        _ = try store.fail(store.take(), reason: .workerCrashed, message: "No.", metrics: nil, now: noon)
        _ = try store.take()

        let statistics = try store.statistics(now: noon + 100)
        let jobs = try store.jobs(states: nil, since: nil, limit: nil)
        let completed = jobs.filter { $0.state == .completed }.compactMap(\.metrics)
        for state in JobState.allCases {
            #expect(statistics.jobsByState[state] == jobs.count { $0.state == state })
        }
        #expect(statistics.failuresByReason == [.corrupt: 2])
        #expect(completed.count == 5)
        #expect(statistics.inputPixels == completed.reduce(0) { $0 + Int64($1.inputWidth * $1.inputHeight) })
        #expect(statistics.outputPixels == 16 * statistics.inputPixels)
        #expect(statistics.tiles == completed.reduce(0) { $0 + Int64($1.tiles) })
        #expect(statistics.waitSeconds == completed.reduce(0) { $0 + $1.waitSeconds })
        #expect(statistics.decodeSeconds == completed.reduce(0) { $0 + $1.decodeSeconds })
        #expect(statistics.upscaleSeconds == completed.reduce(0) { $0 + $1.upscaleSeconds })
        #expect(statistics.encodeSeconds == completed.reduce(0) { $0 + $1.encodeSeconds })
        #expect(abs(statistics.publishSeconds - completed.reduce(0) { $0 + $1.publishSeconds }) < 1e-9)
        #expect(statistics.totalSeconds == completed.reduce(0) { $0 + $1.totalSeconds })
        #expect(statistics.cpuSeconds == completed.reduce(0) { $0 + $1.cpuSeconds })
        // Job 7 is retryable and was queued before the available ones.
        #expect(statistics.oldestWaitSeconds == 93)
        #expect(statistics.reused == 0)

        // Pruned jobs are no longer counted.
        for job in jobs where job.state == .completed { try store.recordDisposal(id: job.id, disposedSource: nil) }
        #expect(try store.prune(finishedBefore: noon + 1, isTaken: { _, _ in false }) == 5)
        let pruned = try store.statistics(now: noon + 100)
        #expect(pruned.jobsByState[.completed] == 0 && pruned.inputPixels == 0 && pruned.totalSeconds == 0)
        #expect(pruned.tiles == 0 && pruned.cpuSeconds == 0)
    }

    @Test(arguments: StoreKind.all) func pruningKeepsWhatIsStillNeeded(_ kind: StoreKind) throws {
        let store = try open(kind)
        let old = try store.add("old")
        try store.finish(store.take(), now: noon)
        let undisposed = try store.add("undisposed")
        try store.finish(store.take(), now: noon)
        let recent = try store.add("recent")
        try store.finish(store.take(), now: noon + 100)
        let waiting = try store.add("waiting")
        try store.recordDisposal(id: old.id, disposedSource: "/archive/old")
        try store.recordDisposal(id: recent.id, disposedSource: "/archive/recent")

        #expect(try store.prune(finishedBefore: noon + 50, isTaken: { _, _ in false }) == 1)
        #expect(
            try store.jobs(states: nil, since: nil, limit: nil).map(\.id) == [undisposed.id, recent.id, waiting.id])
        #expect(try store.prune(finishedBefore: noon + 50, isTaken: { _, _ in false }) == 0)
        // The id of a pruned job is never used again.
        _ = try store.cancel(id: waiting.id, now: noon)
        try store.recordDisposal(id: waiting.id, disposedSource: nil)
        #expect(try store.prune(finishedBefore: noon + 500, isTaken: { _, _ in false }) == 2)
        #expect(try store.add("next").id > waiting.id)
    }

    /// Without its job, nobody could retry an original in the folder for failed ones.
    @Test(arguments: StoreKind.all) func pruningKeepsFailedJobsWhoseOriginalsExist(_ kind: StoreKind) throws {
        let store = try open(kind)
        for name in ["there", "gone"] {
            let job = try store.add(name, content: name.count)
            _ = try store.fail(store.take(), reason: .corrupt, message: "It is bad.", metrics: nil, now: noon)
            try store.recordDisposal(id: job.id, disposedSource: FilePath("/failed/\(name)"))
        }
        var asked: [FilePath] = []
        let pruned = try store.prune(finishedBefore: noon + 1) { original, _ in
            asked.append(original)
            return original == "/failed/there"
        }
        #expect(pruned == 1 && asked == ["/failed/there", "/failed/gone"])
        #expect(try store.jobs(states: nil, since: nil, limit: nil).map(\.input.source) == ["/inbox/there"])
    }

    @Test(arguments: StoreKind.all) func spoolPathsOfUnfinishedJobs(_ kind: StoreKind) throws {
        let store = try open(kind)
        for name in ["a", "b", "c", "d"] { _ = try store.add(name) }
        try store.finish(store.take())
        _ = try store.take()
        _ = try store.fail(store.take(), reason: .diskFull, message: "Full.", metrics: nil, now: noon)
        #expect(try store.spoolPathsInUse() == ["/state/spool/b", "/state/spool/c", "/state/spool/d"])
    }

    @Test(arguments: StoreKind.all) func eightThreadsClaimEachJobOnce(_ kind: StoreKind) throws {
        let store = try open(kind)
        let count = 200
        for number in 0..<count { _ = try store.add("\(number)", content: number) }
        let taken = Gathered<Int64>()
        let errors = Gathered<String>()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            do {
                while let claim = try store.claim(now: noon)?.claim {
                    taken.append(claim.id)
                    try store.finish(claim)
                }
            } catch {
                errors.append("\(error)")
            }
        }
        #expect(errors.values.isEmpty)
        #expect(taken.values.count == count)
        #expect(Set(taken.values).count == count)
        #expect(try store.statistics(now: noon).jobsByState[.completed] == count)
    }
}

/// Values from several threads.
final class Gathered<Value: Sendable>: @unchecked Sendable {
    // Invariant: `list` is touched only under `lock`.
    private let lock = NSLock()
    private var list: [Value] = []

    var values: [Value] { lock.withLock { list } }
    func append(_ value: Value) { lock.withLock { list.append(value) } }
}
