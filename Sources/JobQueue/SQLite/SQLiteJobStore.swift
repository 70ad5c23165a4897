import Foundation
import GRDB
import SystemPackage
import WorkerProtocol

/// The queue in one SQLite file. Only the process that holds the `StateLock` of the file's folder may use it.
///
/// Only one connection writes, so writing threads wait for each other in this process and never inside SQLite. Each
/// change is one IMMEDIATE transaction, because a deferred transaction that begins with a read and then writes can fail
/// at once, regardless of the busy time-out. Every commit is durable when the call returns (WAL, `synchronous = FULL`).
/// CHECK constraints in `migrations/` contain the rules of the states. Each change of a state is one UPDATE that
/// changes the job only if it is in the state before the transition.
public final class SQLiteJobStore: JobStore {
    let queue: DatabaseQueue
    let files: DatabaseFiles
    /// A second connection for long reads: statistics over a million jobs take a second, and a claim must not wait for
    /// them.
    private let history: JobHistory
    let policy: RetryPolicy
    let random: @Sendable () -> Double

    /// Opens the database, creates it if it is missing, and migrates an older one to this program's schema.
    ///
    /// - path: `STATE/srgan.db`; the caller holds the `StateLock` of its folder.
    /// - random: numbers in 0 ..< 1 for the jitter of retries.
    /// - Throws: `JobStoreError`: newerSchema, foreignDatabase, damaged, unavailable, diskFull.
    public init(
        path: FilePath, retryPolicy: RetryPolicy = RetryPolicy(),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) throws {
        queue = try DatabaseOpening.writer(path: path, migrator: SchemaMigrator())
        history = try JobHistory(path: path)
        files = try DatabaseFiles(database: path)
        policy = retryPolicy
        self.random = random
    }

    /// The database of a state folder.
    public static func path(in directory: FilePath) -> FilePath { directory.appending("srgan.db") }

    /// Runs a change as one immediate transaction. Throws `JobStoreError` with code `replaced`, and changes nothing, when
    /// the database's files are no longer those that were opened.
    func write<T>(_ body: (Database) throws -> T) throws -> T {
        try files.check()
        return try JobStoreError.translating {
            try queue.writeWithoutTransaction { db in
                var result: T?
                do {
                    try db.inTransaction(.immediate) {
                        result = try body(db)
                        return .commit
                    }
                } catch let error as DatabaseError where files.isOutOfSpace(error) {
                    throw JobStoreError(.diskFull, "The disk or the quota of the state folder is full.", cause: error)
                }
                return result!
            }
        }
    }

    func read<T>(_ body: (Database) throws -> T) throws -> T {
        try JobStoreError.translating { try queue.read(body) }
    }

    // MARK: Reading

    /// The job with this id.
    public func job(id: Int64) throws -> Job? { try read { try JobQueries.job($0, id: id) } }

    /// The jobs in these states that were created at or after `since`, oldest first; at most the newest `limit` of
    /// them. An index keeps this fast, for example for the newest 50 of a million jobs.
    public func jobs(states: Set<JobState>?, since: Date?, limit: Int?) throws -> [Job] {
        try history.jobs(states: states, since: since, limit: limit)
    }

    /// The earliest time at which a retryable job is due.
    public func nextDue() throws -> Date? { try read(JobQueries.nextDue) }

    /// Statistics over the whole history.
    public func statistics(now: Date) throws -> QueueStatistics {
        try history.statistics(now: now)
    }

    /// True if a person paused the queue. It uses the second connection, so it returns even while a write hangs.
    public func isPaused() throws -> Bool { try history.isPaused() }

    /// The events with ids above `after`, oldest first, at most `limit`.
    public func events(after: Int64, limit: Int) throws -> [JobEvent] {
        try history.events(after: after, limit: limit)
    }

    /// The ids of the events that are kept.
    public func eventRange() throws -> EventRange { try history.eventRange() }

    /// The newest job, in any state, of a source path.
    public func newestJob(source: FilePath) throws -> Job? { try read { try JobQueries.newest($0, source: source) } }

    /// The newest other completed job with the same content, model and settings.
    public func completedTwin(of job: Job) throws -> Job? { try read { try JobQueries.completedTwin($0, of: job) } }

    /// The newest completed or cancelled job with the source, content, model and settings of `job` whose original was
    /// not moved away.
    public func endedTwin(of job: NewJob) throws -> Job? { try read { try JobQueries.endedTwin($0, of: job) } }

    /// The ended jobs of a source path whose originals have been dealt with.
    public func settledJobs(source: FilePath) throws -> Set<Int64> {
        let sql = """
            SELECT id FROM job WHERE source = ? AND state IN ('completed', 'failed', 'cancelled') AND needs_disposal = 0
            """
        return try read { try Int64.fetchSet($0, sql: sql, arguments: [source.blob]) }
    }

    /// The ended jobs whose originals have not been moved yet, oldest first.
    public func undisposed() throws -> [Int64] {
        try read { try Int64.fetchAll($0, sql: "SELECT id FROM job WHERE needs_disposal = 1 ORDER BY id") }
    }

    /// The paths of the private copies of all unfinished jobs.
    public func spoolPathsInUse() throws -> Set<FilePath> {
        let sql = "SELECT spool FROM job WHERE state IN ('available', 'running', 'publishing', 'retryable')"
        return try read { Set(try Data.fetchAll($0, sql: sql).map(FilePath.init(blob:))) }
    }

    // MARK: Entering the queue

    /// Adds a job unless the same bytes of the same source are queued or running already, or such a job has ended
    /// without being `settled`. A unique index of the database enforces the first rule, too.
    public func enqueue(_ job: NewJob, settled: Set<Int64>?, now: Date) throws -> EnqueueOutcome {
        try write { db in
            let active = """
                WHERE source = ? AND content_sha256 = ? AND state IN ('available', 'running', 'publishing', 'retryable')
                """
            if let existing = try JobQueries.one(db, active, [job.source.blob, job.contentSHA256]) {
                return .alreadyQueued(existing)
            }
            let newest = "WHERE source = ? AND content_sha256 = ? ORDER BY job.id DESC LIMIT 1"
            if let settled, let ended = try JobQueries.one(db, newest, [job.source.blob, job.contentSHA256]),
                ended.needsDisposal && ended.state != .cancelled || !settled.contains(ended.id)
            {
                return .ended(ended)
            }
            let id = try insert(job, state: .available, db, now: now)
            return .created(try self.existing(id, db))
        }
    }

    /// Adds a row that is in state `failed` from the start and has no private copy.
    public func reject(
        _ job: NewJob, reason: FailureReason, message: String, needsDisposal: Bool, now: Date
    ) throws -> Job {
        try write { db in
            let id = try insert(
                job, state: .failed, db, now: now, reason: reason, message: message, needsDisposal: needsDisposal)
            return try existing(id, db)
        }
    }

    /// Stores another stamp of a job's source file.
    public func updateSourceStamp(id: Int64, _ stamp: String) throws {
        try write { try $0.execute(sql: "UPDATE job SET source_stamp = ? WHERE id = ?", arguments: [stamp, id]) }
    }

    private func insert(
        _ job: NewJob, state: JobState, _ db: Database, now: Date, reason: FailureReason? = nil, message: String? = nil,
        needsDisposal: Bool = false
    ) throws -> Int64 {
        let time = Milliseconds.from(now)
        try db.cachedStatement(
            sql: """
                INSERT INTO job (state, source, inbox, spool, content_sha256, content_size, source_stamp, model_sha256, settings,
                    output_folder, output_name, reason, message, needs_disposal, created_at, queued_at, finished_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            state.rawValue, job.source.blob, job.inbox.blob, job.spool.blob, job.contentSHA256, job.contentSize,
            job.sourceStamp, job.modelSHA256, job.settings, job.outputFolder.blob,
            FilePath(root: nil, [job.outputName]).blob, reason?.rawValue, message, needsDisposal, time, time,
            state.isFinal ? time : nil,
        ])
        return db.lastInsertedRowID
    }

    /// A row that this transaction has just written.
    func existing(_ id: Int64, _ db: Database) throws -> Job {
        guard let job = try JobQueries.job(db, id: id) else {
            throw JobStoreError(.damaged, "Job \(id) was written but cannot be found.")
        }
        return job
    }

    // MARK: Settings and pruning

    /// Runs an empty IMMEDIATE transaction, which takes SQLite's write lock. It writes no page, so it needs no fsync.
    public func probe() throws { try write { _ in } }

    /// Pauses or resumes the queue, durably.
    public func setPaused(_ paused: Bool, now: Date) throws {
        try write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO setting (name, value, changed_at) VALUES ('paused', ?, ?)",
                arguments: [paused ? "1" : "0", Milliseconds.from(now)])
        }
    }

    /// Deletes the events before `date`; returns how many.
    public func pruneEvents(before date: Date) throws -> Int {
        // In portions, so that a claim never waits long.
        let sql = "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at < ? ORDER BY at LIMIT 5000)"
        var deleted = 0
        while true {
            let count = try write { db in
                try db.execute(sql: sql, arguments: [Milliseconds.from(date)])
                return db.changesCount
            }
            deleted += count
            if count < 5000 { return deleted }
        }
    }

    /// Deletes final jobs that finished before `date` and whose originals need not be moved; returns how many.
    public func prune(finishedBefore date: Date, isTaken: (_ source: FilePath, _ stamp: String) -> Bool) throws -> Int {
        let portion = """
            SELECT id, finished_at, coalesce(disposed_source, source), source_stamp,
                length(inbox) > 0 AND (state = 'failed' OR coalesce(disposed_source, source) = source)
            FROM job WHERE needs_disposal = 0 AND finished_at < ? AND (finished_at, id) > (?, ?) ORDER BY finished_at, id LIMIT 5000
            """
        let end = Milliseconds.from(date)
        var deleted = 0
        var last: (time: Int64, id: Int64) = (.min, .min)
        // The jobs are deleted in batches, so that a claim never waits long.
        while true {
            let rows = try read { try Row.fetchAll($0, sql: portion, arguments: [end, last.time, last.id]) }
            guard let final = rows.last else { return deleted }
            last = (final[1], final[0])
            let ids = rows.filter { !($0[4] && isTaken(FilePath(blob: $0[2]), $0[3])) }.map { $0[0] as Int64 }
            deleted += try write { db in
                let statement = try db.cachedStatement(
                    sql: "DELETE FROM job WHERE id = ? AND needs_disposal = 0 AND finished_at < ?")
                return try ids.reduce(0) { count, id in
                    // The job may have been retried since the batch was read, so the statement checks it again.
                    try statement.execute(arguments: [id, end])
                    return count + db.changesCount
                }
            }
        }
    }
}
