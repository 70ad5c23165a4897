import Foundation
import GRDB
import Migrations
import SystemPackage
import Testing

@testable import JobQueue

/// The rules of the database itself: rows that no program can store.
@Suite struct SchemaTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// A database with one job in each state, and the ids of the jobs.
    private func filled() throws -> (DatabaseQueue, [JobState: Int64]) {
        let store = try SQLiteJobStore(path: folder.database)
        var ids: [JobState: Int64] = [:]
        func take(_ state: JobState) throws -> Claim {
            ids[state] = try store.add("\(state)").id
            return try store.take()
        }
        _ = try take(.running)
        let publishing = try take(.publishing)
        try store.beginPublishing(
            publishing, temporary: "/t", output: "/o", outputSHA256: NewJob.hash(5), metrics: .sample(),
            reusedJobID: nil)
        _ = try store.fail(take(.retryable), reason: .diskFull, message: "Full.", metrics: nil, now: noon)
        try store.finish(take(.completed))
        _ = try store.fail(take(.failed), reason: .corrupt, message: "No.", metrics: nil, now: noon)
        _ = try take(.cancelled)
        _ = try store.cancel(id: ids[.cancelled]!, now: noon)
        ids[.available] = try store.add("available").id
        return (try DatabaseQueue(path: folder.database.string), ids)
    }

    /// Changes of one column that contradict the state.
    static let impossible: [(JobState, String)] = [
        (.available, "token = 'x'"), (.available, "run_after = 1"), (.available, "started_at = 1"),
        (.available, "finished_at = 1"), (.available, "output = x'61'"), (.available, "output_sha256 = content_sha256"),
        (.available, "reused_job_id = 1"), (.available, "state = 'running'"), (.available, "state = 'completed'"),
        (.available, "state = 'failed'"), (.available, "state = 'cancelled'"), (.available, "state = 'retryable'"),
        (.available, "state = 'nonsense'"), (.available, "state = NULL"), (.available, "needs_disposal = 1"),
        (.available, "attempt = -1"), (.available, "spool = x''"), (.available, "content_sha256 = 'abc'"),
        (.available, "content_sha256 = upper(hex(zeroblob(16))) || 'G' || substr(hex(zeroblob(16)), 2)"),
        (.available, "settings = '{'"), (.available, "model_sha256 = 'x'"), (.available, "source = x''"),
        (.available, "source = 'text'"), (.available, "created_at = 'yesterday'"), (.available, "output_folder = x''"),
        (.available, "disposed_source = x'61'"),
        (.running, "token = NULL"), (.running, "started_at = NULL"), (.running, "attempt = 0"),
        (.running, "finished_at = 1"), (.running, "output = x'61'"), (.running, "temporary_output = x'61'"),
        (.running, "state = 'available'"), (.running, "state = 'publishing'"), (.running, "token = ''"),
        (.publishing, "output = NULL"), (.publishing, "temporary_output = NULL"), (.publishing, "output_sha256 = NULL"),
        (.publishing, "token = NULL"), (.publishing, "state = 'completed'"), (.publishing, "output_sha256 = 'zz'"),
        (.retryable, "run_after = NULL"), (.retryable, "reason = NULL, message = NULL"), (.retryable, "reason = NULL"),
        (.retryable, "token = 'x'"), (.retryable, "finished_at = 1"),
        (.completed, "output = NULL"), (.completed, "output_sha256 = NULL"), (.completed, "finished_at = NULL"),
        (.completed, "reason = 'corrupt', message = 'No.'"), (.completed, "temporary_output = x'61'"),
        (.completed, "token = 'x'"), (.completed, "reused_job_id = id"), (.completed, "attempt = 0"),
        (.failed, "reason = NULL, message = NULL"), (.failed, "message = NULL"), (.failed, "message = ''"),
        (.failed, "reason = 'bad mood'"), (.failed, "output = x'61'"), (.failed, "finished_at = NULL"),
        (.failed, "needs_disposal = 2"), (.failed, "disposed_source = x'61'"),
        (.cancelled, "finished_at = NULL"), (.cancelled, "token = 'x'"), (.cancelled, "run_after = 1"),
    ]

    @Test func anImpossibleRowCannotBeStored() throws {
        let (database, ids) = try filled()
        for (state, change) in Self.impossible {
            #expect(throws: DatabaseError.self, "\(state): \(change)") {
                try database.write {
                    try $0.execute(sql: "UPDATE job SET \(change) WHERE id = ?", arguments: [ids[state]!])
                }
            }
        }
        // An allowed change of the same rows succeeds, so the constraints refused the change and not the rows.
        try database.write { try $0.execute(sql: "UPDATE job SET attempt = attempt + 1 WHERE state <> 'available'") }
    }

    @Test func theSameFileCannotWaitTwice() throws {
        let (database, ids) = try filled()
        #expect(throws: DatabaseError.self) {
            try database.write {
                try $0.execute(
                    sql: "UPDATE job SET source = (SELECT source FROM job WHERE state = 'running') WHERE id = ?",
                    arguments: [ids[.available]!])
            }
        }
    }

    @Test func metricsBelongToAJobAndAreDeletedWithIt() throws {
        let (database, ids) = try filled()
        try database.write { db in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM job_metrics") == 2)
            try db.execute(sql: "DELETE FROM job WHERE id = ?", arguments: [ids[.completed]!])
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM job_metrics") == 1)
            #expect(throws: DatabaseError.self) {
                try db.execute(sql: "UPDATE job_metrics SET job_id = 4711")
            }
            #expect(throws: DatabaseError.self) { try db.execute(sql: "UPDATE job_metrics SET tiles = -1") }
            #expect(throws: DatabaseError.self) { try db.execute(sql: "UPDATE job_metrics SET notes = '{}'") }
        }
    }

    @Test func onlyKnownSettingsCanBeStored() throws {
        let (database, _) = try filled()
        for row in ["('paused', 'maybe', 0)", "('colour', '1', 0)"] {
            #expect(throws: DatabaseError.self) {
                try database.write { try $0.execute(sql: "INSERT INTO setting VALUES \(row)") }
            }
        }
    }

    @Test func commitsAreDurableAndTheLogStays() throws {
        let store = try SQLiteJobStore(path: folder.database)
        _ = try store.add()
        let pragmas = try store.read { db in
            try ["journal_mode", "synchronous", "foreign_keys"].map { try String.fetchOne(db, sql: "PRAGMA \($0)") }
        }
        #expect(pragmas == ["wal", "2", "1"])
    }

    @Test func theClaimAndTheListUseTheirIndices() throws {
        let store = try SQLiteJobStore(path: folder.database)
        func plan(_ sql: String, _ arguments: StatementArguments) throws -> [String] {
            try store.read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: arguments).map { $0["detail"] }
            }
        }
        let claim = try plan(SQLiteJobStore.claimSQL, ["token": "x", "now": 0, "latest": 0, "charged": false])
        #expect(claim.contains { $0.contains("INDEX job_available") }, "\(claim)")
        #expect(claim.contains { $0.contains("INDEX job_retryable") }, "\(claim)")
        // Only the candidates of the claim are sorted.
        #expect(claim.count { $0.contains("TEMP B-TREE") } == 1, "\(claim)")
        #expect(claim.contains { $0.contains("SEARCH job USING INTEGER PRIMARY KEY") }, "\(claim)")

        for states: Set<JobState>? in [nil, [.failed], [.completed, .failed, .available]] {
            for since in [nil, noon] {
                let list = JobQueries.listing(JobFilter(states: states, since: since), limit: 50)
                let steps = try plan(list.sql, list.arguments)
                let index = states == nil ? "job_by_creation" : "job_by_state"
                #expect(
                    steps.filter { $0.contains("USING COVERING INDEX \(index)") }.count == states?.count ?? 1,
                    "\(steps)")
                #expect(!steps.contains { $0.hasPrefix("SCAN job") && !$0.contains("COVERING INDEX") }, "\(steps)")
            }
        }
    }
}
