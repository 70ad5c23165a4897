import Foundation

/// What may be asked of the queue without the right to write it: by the daemon, and by `srgan-jobs` at any time.
///
/// All calls block and may be made from any thread.
public protocol JobReading: Sendable {
    /// One job.
    func job(id: Int64) throws -> Job?
    /// Jobs that match, oldest first; `limit` keeps the newest. `since` is about the time of creation.
    func jobs(states: Set<JobState>?, since: Date?, limit: Int?) throws -> [Job]
    /// The earliest time at which a retryable job falls due.
    func nextDue() throws -> Date?
    /// Numbers over the whole history.
    func statistics(now: Date) throws -> QueueStatistics
    /// Whether a person paused the queue; survives restarts.
    func isPaused() throws -> Bool
}
