import Foundation

/// Reads the queue. Reading does not need the state lock, so the daemon and `srgan-jobs` can read at any time.
///
/// All calls block and may be made from any thread.
public protocol JobReading: Sendable {
    /// The job with this id.
    func job(id: Int64) throws -> Job?
    /// The jobs in these states that were created at or after `since`, oldest first; at most the newest `limit` of
    /// them.
    func jobs(states: Set<JobState>?, since: Date?, limit: Int?) throws -> [Job]
    /// The earliest time at which a retryable job is due.
    func nextDue() throws -> Date?
    /// Statistics over the whole history.
    func statistics(now: Date) throws -> QueueStatistics
    /// True if a person paused the queue. The setting survives restarts.
    func isPaused() throws -> Bool
    /// The events with ids above `after`, oldest first, at most `limit`.
    func events(after: Int64, limit: Int) throws -> [JobEvent]
    /// The ids of the events that are kept.
    func eventRange() throws -> EventRange
}
