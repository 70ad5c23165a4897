import Foundation
import GRDB
import SystemPackage

/// Reads the queue on a read-only connection. The daemon may be running, stopped or killed.
///
/// After a kill, the connection may rebuild the `-shm` index, which SQLite allows readers to do. It never checkpoints:
/// SQLite below 3.51.3 can corrupt the write-ahead log if one connection writes or checkpoints while another
/// checkpoints.
public final class JobHistory: JobReading {
    private let queue: DatabaseQueue

    /// Opens the database of a state folder.
    ///
    /// - Throws: `JobStoreError`: noDatabase if the daemon never ran there, newerSchema, foreignDatabase, damaged,
    ///   unavailable.
    public convenience init(directory: FilePath) throws {
        try self.init(path: SQLiteJobStore.path(in: directory))
    }

    init(path: FilePath) throws {
        queue = try DatabaseOpening.reader(path: path, migrator: SchemaMigrator())
    }

    private func read<T>(_ body: (Database) throws -> T) throws -> T {
        try JobStoreError.translating { try queue.read(body) }
    }

    /// The job with this id.
    public func job(id: Int64) throws -> Job? { try read { try JobQueries.job($0, id: id) } }

    /// The jobs in these states that were created at or after `since`, oldest first; at most the newest `limit` of
    /// them.
    public func jobs(states: Set<JobState>?, since: Date?, limit: Int?) throws -> [Job] {
        try jobs(JobFilter(states: states, since: since), limit: limit)
    }

    /// The jobs that a filter selects, oldest first; at most the newest `limit` of them.
    public func jobs(_ filter: JobFilter, limit: Int? = nil) throws -> [Job] {
        try read { try JobQueries.jobs($0, filter, limit: limit) }
    }

    /// How many jobs a filter selects.
    public func count(_ filter: JobFilter) throws -> Int {
        try read { try JobQueries.count($0, filter) }
    }

    /// Calls `body` with each job that `jobs` would return, in the same order. Keeps one job in memory at a time.
    public func forEachJob(_ filter: JobFilter, limit: Int? = nil, _ body: (Job) throws -> Void) throws {
        let (sql, arguments) = JobQueries.listing(filter, limit: limit)
        try read { db in
            let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
            while let row = try rows.next() { try body(Job(row: row)) }
        }
    }

    /// The number of waiting jobs, and the bytes of their files.
    public func waiting() throws -> (count: Int, bytes: Int64) { try read(JobQueries.waiting) }

    /// The number of jobs that ended before a date, and the earliest end of any job; nil if no job has ended.
    public func ended(before date: Date) throws -> (count: Int, earliest: Date?) {
        try read { try JobQueries.ended($0, before: date) }
    }

    /// The earliest time at which a retryable job is due.
    public func nextDue() throws -> Date? { try read(JobQueries.nextDue) }

    /// Statistics over the whole history.
    public func statistics(now: Date) throws -> QueueStatistics {
        try read { try JobQueries.statistics($0, now: now) }
    }

    /// True if a person paused the queue.
    public func isPaused() throws -> Bool { try read(JobQueries.isPaused) }

    /// The events with ids above `after`, oldest first, at most `limit`.
    public func events(after: Int64, limit: Int) throws -> [JobEvent] {
        try read { try JobQueries.events($0, after: after, limit: limit) }
    }

    /// The oldest of the newest `count` events of these kinds; nil if there is none.
    public func oldestEvent(ofNewest count: Int, kinds: Set<JobEvent.Kind>?) throws -> Int64? {
        try read { try JobQueries.oldestEvent($0, ofNewest: count, kinds: kinds) }
    }

    /// The ids of the events that are kept.
    public func eventRange() throws -> EventRange { try read(JobQueries.eventRange) }
}
