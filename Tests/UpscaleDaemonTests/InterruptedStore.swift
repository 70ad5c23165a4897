import Foundation
import JobQueue
import SystemPackage
import WorkerProtocol

/// The real queue, with a function that runs before each job is queued: a test uses it to let other threads' work happen
/// between the reading of a file and the new row.
struct InterruptedStore: JobStore {
    let store: SQLiteJobStore
    let beforeEnqueue: @Sendable () throws -> Void

    func enqueue(_ job: NewJob, settled: Set<Int64>?, now: Date) throws -> EnqueueOutcome {
        try beforeEnqueue()
        return try store.enqueue(job, settled: settled, now: now)
    }

    func settledJobs(source: FilePath) throws -> Set<Int64> { try store.settledJobs(source: source) }
    func endedTwin(of job: NewJob) throws -> Job? { try store.endedTwin(of: job) }
    func updateSourceStamp(id: Int64, _ stamp: String) throws { try store.updateSourceStamp(id: id, stamp) }
    func reject(
        _ job: NewJob, reason: FailureReason, message: String, needsDisposal: Bool, now: Date
    ) throws -> Job {
        try store.reject(job, reason: reason, message: message, needsDisposal: needsDisposal, now: now)
    }
    func newestJob(source: FilePath) throws -> Job? { try store.newestJob(source: source) }
    func claim(now: Date) throws -> Job? { try store.claim(now: now) }
    func completedTwin(of job: Job) throws -> Job? { try store.completedTwin(of: job) }
    func beginPublishing(
        _ claim: Claim, temporary: FilePath, output: FilePath, outputSHA256: String, metrics: JobMetrics,
        reusedJobID: Int64?
    ) throws {
        try store.beginPublishing(
            claim, temporary: temporary, output: output, outputSHA256: outputSHA256, metrics: metrics,
            reusedJobID: reusedJobID)
    }
    func changeOutput(_ claim: Claim, output: FilePath) throws { try store.changeOutput(claim, output: output) }
    func complete(_ claim: Claim, metrics: JobMetrics, now: Date) throws {
        try store.complete(claim, metrics: metrics, now: now)
    }
    func fail(_ claim: Claim, reason: FailureReason, message: String, metrics: JobMetrics?, now: Date) throws -> Job {
        try store.fail(claim, reason: reason, message: message, metrics: metrics, now: now)
    }
    func release(_ claim: Claim, now: Date) throws { try store.release(claim, now: now) }
    func cancel(id: Int64, now: Date) throws -> Job? { try store.cancel(id: id, now: now) }
    func retry(
        id: Int64, spool: FilePath, source: FilePath, content: ChangedContent?, now: Date
    ) throws -> Job? {
        try store.retry(id: id, spool: spool, source: source, content: content, now: now)
    }
    func recordDisposal(id: Int64, disposedSource: FilePath?) throws {
        try store.recordDisposal(id: id, disposedSource: disposedSource)
    }
    func requireDisposal(id: Int64) throws { try store.requireDisposal(id: id) }
    func undisposed() throws -> [Int64] { try store.undisposed() }
    func recover(now: Date) throws -> Recovery { try store.recover(now: now) }
    func spoolPathsInUse() throws -> Set<FilePath> { try store.spoolPathsInUse() }
    func prune(finishedBefore date: Date, isTaken: (_ source: FilePath, _ stamp: String) -> Bool) throws -> Int {
        try store.prune(finishedBefore: date, isTaken: isTaken)
    }
    func pruneEvents(before date: Date) throws -> Int { try store.pruneEvents(before: date) }
    func events(after: Int64, limit: Int) throws -> [JobEvent] { try store.events(after: after, limit: limit) }
    func eventRange() throws -> EventRange { try store.eventRange() }
    func probe() throws { try store.probe() }
    func setPaused(_ paused: Bool, now: Date) throws { try store.setPaused(paused, now: now) }
    func job(id: Int64) throws -> Job? { try store.job(id: id) }
    func jobs(states: Set<JobState>?, since: Date?, limit: Int?) throws -> [Job] {
        try store.jobs(states: states, since: since, limit: limit)
    }
    func nextDue() throws -> Date? { try store.nextDue() }
    func statistics(now: Date) throws -> QueueStatistics { try store.statistics(now: now) }
    func isPaused() throws -> Bool { try store.isPaused() }
}
