import Foundation
import GRDB
import SystemPackage
import WorkerProtocol

/// The queries that the writer and the read-only connections share.
enum JobQueries {
    static func job(_ db: Database, id: Int64) throws -> Job? {
        try one(db, "WHERE job.id = ?", [id])
    }

    static func newest(_ db: Database, source: FilePath) throws -> Job? {
        try one(db, "WHERE source = ? ORDER BY job.id DESC LIMIT 1", [source.blob])
    }

    static func completedTwin(_ db: Database, of job: Job) throws -> Job? {
        try one(
            db,
            """
            WHERE state = 'completed' AND content_sha256 = ? AND model_sha256 = ? AND settings = ? AND job.id <> ?
            ORDER BY job.id DESC LIMIT 1
            """,
            [job.input.contentSHA256, job.input.modelSHA256, job.input.settings, job.id])
    }

    static func endedTwin(_ db: Database, of job: NewJob) throws -> Job? {
        try one(
            db,
            """
            WHERE source = ? AND content_sha256 = ? AND model_sha256 = ? AND settings = ?
            AND state IN ('completed', 'cancelled') AND coalesce(disposed_source, source) = source
            ORDER BY job.id DESC LIMIT 1
            """,
            [job.source.blob, job.contentSHA256, job.modelSHA256, job.settings])
    }

    static func jobs(_ db: Database, _ filter: JobFilter, limit: Int?) throws -> [Job] {
        let (sql, arguments) = listing(filter, limit: limit)
        return try all(db, sql, arguments)
    }

    static func count(_ db: Database, _ filter: JobFilter) throws -> Int {
        let (condition, arguments) = condition(filter)
        let names = filter.states.map { "AND state IN (\($0.map { "'\($0.rawValue)'" }.joined(separator: ",")))" } ?? ""
        return try Int.fetchOne(
            db, sql: "SELECT count(*) FROM job WHERE \(condition) \(names)", arguments: StatementArguments(arguments))
            ?? 0
    }

    /// The number of waiting jobs, and the bytes of their files.
    static func waiting(_ db: Database) throws -> (count: Int, bytes: Int64) {
        let sql = "SELECT count(*), coalesce(sum(content_size), 0) FROM job WHERE state IN ('available', 'retryable')"
        guard let row = try Row.fetchOne(db, sql: sql) else { return (0, 0) }
        return (row[0], row[1])
    }

    /// The number of jobs that ended before a date, and the earliest end of any job; nil if no job has ended.
    static func ended(_ db: Database, before date: Date) throws -> (count: Int, earliest: Date?) {
        let sql = "SELECT count(*) FILTER (WHERE finished_at < ?), min(finished_at) FROM job"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [Milliseconds.from(date)]) else { return (0, nil) }
        return (row[0], (row[1] as Int64?).map(Milliseconds.date))
    }

    static func nextDue(_ db: Database) throws -> Date? {
        try Int64.fetchOne(db, sql: "SELECT min(run_after) FROM job INDEXED BY job_retryable WHERE state = 'retryable'")
            .map(Milliseconds.date)
    }

    static func isPaused(_ db: Database) throws -> Bool {
        try String.fetchOne(db, sql: "SELECT value FROM setting WHERE name = 'paused'") == "1"
    }

    static func events(_ db: Database, after: Int64, limit: Int) throws -> [JobEvent] {
        let sql = """
            SELECT id, at, kind, job_id, attempt, source, inbox, output, reason, message FROM event
            WHERE id > ? ORDER BY id LIMIT ?
            """
        return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [after, max(0, limit)]).map(
            JobEvent.init(row:))
    }

    static func oldestEvent(_ db: Database, ofNewest count: Int, kinds: Set<JobEvent.Kind>?) throws -> Int64? {
        let condition = kinds.map { "WHERE kind IN (\($0.map { "'\($0.rawValue)'" }.joined(separator: ",")))" } ?? ""
        return try Int64.fetchOne(
            db, sql: "SELECT min(id) FROM (SELECT id FROM event \(condition) ORDER BY id DESC LIMIT ?)",
            arguments: [count])
    }

    static func eventRange(_ db: Database) throws -> EventRange {
        EventRange(
            first: try Int64.fetchOne(db, sql: "SELECT min(id) FROM event"),
            last: try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'event'") ?? 0)
    }

    /// The statement that `jobs` runs. It is a function of its own so that a test can check its query plan.
    ///
    /// The statement combines one query for each state, and each of these queries reads the index `job_by_state`. With
    /// one query for `state IN (...)`, SQLite would read the whole table backwards if few jobs are in these states, or
    /// sort all their rows if many are.
    static func listing(_ filter: JobFilter, limit: Int?) -> (sql: String, arguments: StatementArguments) {
        let (condition, values) = condition(filter)
        let count = limit.map { max(0, $0) } ?? -1
        var arguments: [any DatabaseValueConvertible] = []
        let newest = "ORDER BY created_at DESC, id DESC LIMIT ?"
        let parts: [String]
        if let states = filter.states {
            parts = states.sorted { $0.rawValue < $1.rawValue }.map { state in
                arguments += [state.rawValue] + values + [count]
                return "SELECT * FROM (SELECT id, created_at FROM job WHERE state = ? AND \(condition) \(newest))"
            }
        } else {
            arguments = values + [count]
            parts = ["SELECT * FROM (SELECT id, created_at FROM job WHERE \(condition) \(newest))"]
        }
        let chosen = parts.isEmpty ? "SELECT 0 AS id, 0 AS created_at WHERE 0" : parts.joined(separator: " UNION ALL ")
        arguments.append(count)
        let sql = """
            WITH chosen (chosen_id, creation) AS (SELECT * FROM (\(chosen)) \(newest))
            SELECT \(Job.columns) FROM chosen CROSS JOIN job ON job.id = chosen_id
            LEFT JOIN job_metrics ON job_id = job.id ORDER BY creation, chosen_id
            """
        return (sql, StatementArguments(arguments))
    }

    /// The condition for all parts of a filter but its states.
    private static func condition(_ filter: JobFilter) -> (sql: String, arguments: [any DatabaseValueConvertible]) {
        var parts = ["created_at >= ?"]
        var arguments: [any DatabaseValueConvertible] = [filter.since.map(Milliseconds.from) ?? Int64.min]
        if let ids = filter.ids {
            parts.append("id BETWEEN ? AND ?")
            arguments += [ids.lowerBound, ids.upperBound]
        }
        if let reason = filter.reason {
            parts.append("reason = ?")
            arguments.append(reason.rawValue)
        }
        if let inbox = filter.inbox {
            parts.append("inbox = ?")
            arguments.append(inbox.blob)
        }
        if let name = filter.name {
            // The path below the inbox, with its leading slash; the whole path of an original that lies elsewhere.
            let path = """
                CAST(CASE WHEN substr(source, 1, length(inbox)) = inbox THEN substr(source, length(inbox) + 1)
                ELSE source END AS TEXT)
                """
            if name.contains(where: "*?[".contains) {
                parts.append("(\(path) GLOB ? OR CAST(source AS TEXT) GLOB ?)")
                arguments += ["*/\(name)", name]
            } else {
                parts.append("instr(\(path), ?) > 0")
                arguments.append(name)
            }
        }
        return (parts.joined(separator: " AND "), arguments)
    }

    static func statistics(_ db: Database, now: Date) throws -> QueueStatistics {
        var result = QueueStatistics()
        for state in JobState.allCases { result.jobsByState[state] = 0 }
        for row in try Row.fetchAll(db, sql: "SELECT state, count(*) FROM job GROUP BY state") {
            if let state = JobState(rawValue: row[0]) { result.jobsByState[state] = row[1] }
        }
        let failures = "SELECT reason, count(*) FROM job WHERE state = 'failed' GROUP BY reason"
        for row in try Row.fetchAll(db, sql: failures) {
            if let reason = FailureReason(rawValue: row[0]) { result.failuresByReason[reason] = row[1] }
        }
        // Triggers keep these sums up to date. Adding them up from all rows would take seconds for a million jobs.
        let sums = """
            SELECT input_pixels, output_pixels, tiles, wait_us, decode_us, upscale_us, encode_us, publish_us, total_us,
                cpu_us, reused FROM completed_total
            """
        if let row = try Row.fetchOne(db, sql: sums) {
            result.inputPixels = row[0]
            result.outputPixels = row[1]
            result.tiles = row[2]
            result.waitSeconds = Microseconds.seconds(row[3])
            result.decodeSeconds = Microseconds.seconds(row[4])
            result.upscaleSeconds = Microseconds.seconds(row[5])
            result.encodeSeconds = Microseconds.seconds(row[6])
            result.publishSeconds = Microseconds.seconds(row[7])
            result.totalSeconds = Microseconds.seconds(row[8])
            result.cpuSeconds = Microseconds.seconds(row[9])
            result.reused = row[10]
        }
        let oldest = """
            SELECT min(queued_at) FROM (
                SELECT min(queued_at) AS queued_at FROM job INDEXED BY job_available WHERE state = 'available'
                UNION ALL SELECT min(queued_at) FROM job INDEXED BY job_retryable WHERE state = 'retryable')
            """
        if let queued = try Int64.fetchOne(db, sql: oldest) {
            result.oldestWaitSeconds = max(0, now.timeIntervalSince(Milliseconds.date(queued)))
        }
        return result
    }

    static func one(_ db: Database, _ clauses: String, _ arguments: StatementArguments) throws -> Job? {
        try all(db, select(clauses), arguments).first
    }

    static func all(_ db: Database, _ sql: String, _ arguments: StatementArguments = []) throws -> [Job] {
        try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments).map(Job.init(row:))
    }

    static func select(_ clauses: String) -> String {
        "SELECT \(Job.columns) FROM job LEFT JOIN job_metrics ON job_id = job.id \(clauses)"
    }
}
