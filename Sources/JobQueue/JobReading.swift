import Foundation

/// Reads the queue. It needs no right to write, so the daemon and `srgan-jobs` can use it at any time.
///
/// All calls block and may be made from any thread.
public protocol JobReading: Sendable {
    /// The job with this id.
    func job(id: Int64) throws -> Job?
    /// The matching jobs, oldest first; `limit` keeps the newest. `since` applies to the time of creation.
    func jobs(states: Set<JobState>?, since: Date?, limit: Int?) throws -> [Job]
    /// The earliest time at which a retryable job is due.
    func nextDue() throws -> Date?
    /// Statistics over the whole history.
    func statistics(now: Date) throws -> QueueStatistics
    /// True if a person paused the queue; survives restarts.
    func isPaused() throws -> Bool
}
