import FaultInjection
import Foundation
import GRDB
import SystemPackage
import WorkerProtocol

/// The state transitions of jobs. Each statement changes a job only if it is in the state before the transition, so
/// repeating a statement changes no row.
extension SQLiteJobStore {
    /// The statement that claims a job. The candidates are the available job that was queued first and the retryable
    /// job that was due first; the candidate that was queued earlier is claimed. If a retryable job is due later than
    /// the longest delay allows, a wrong clock must have set its time, so the job counts as due now.
    ///
    /// A job that waited for a full disk counts as queued at the end of its wait, so that the jobs that were queued in
    /// the meantime come first: otherwise jobs whose outputs never fit would always be first. Such a job continues its
    /// attempt: `attempt` and `started_at` stay as they are, so that `fail` can tell how long the job has waited.
    ///
    /// The statement names the indices to use. Otherwise SQLite chooses `job_by_state` and sorts all waiting jobs.
    static let claimSQL = """
        UPDATE job SET state = 'running', token = :token, run_after = NULL,
            attempt = attempt + (state <> 'retryable' OR reason <> 'disk_full' OR :charged),
            started_at = CASE WHEN state = 'retryable' AND reason = 'disk_full' THEN started_at ELSE :now END
        WHERE id = (
            SELECT id FROM (
                SELECT * FROM (SELECT id, queued_at FROM job INDEXED BY job_available WHERE state = 'available'
                    ORDER BY queued_at, id LIMIT 1)
                UNION ALL
                SELECT * FROM (SELECT id, CASE reason WHEN 'disk_full' THEN run_after ELSE queued_at END
                    FROM job INDEXED BY job_retryable WHERE state = 'retryable'
                    AND run_after <= :now ORDER BY run_after LIMIT 1)
                UNION ALL
                SELECT * FROM (SELECT id, queued_at FROM job INDEXED BY job_retryable WHERE state = 'retryable'
                    AND run_after > :latest ORDER BY run_after DESC LIMIT 1))
            ORDER BY queued_at, id LIMIT 1)
        AND NOT EXISTS (SELECT 1 FROM setting WHERE name = 'paused' AND value = '1')
        RETURNING id
        """

    /// available, or retryable and due -> running, under a new token.
    public func claim(now: Date) throws -> Job? {
        try write { db in
            let latest = now.addingTimeInterval(policy.maxDelay + 60)
            let arguments: StatementArguments = [
                "token": UUID().uuidString, "now": Milliseconds.from(now), "latest": Milliseconds.from(latest),
                "charged": FaultPlan.injects(.chargeFullDisk),
            ]
            // All rows are fetched, because a statement with RETURNING ends only when all its rows have been read.
            let ids = try Int64.fetchAll(db.cachedStatement(sql: Self.claimSQL), arguments: arguments)
            return try ids.first.map { try existing($0, db) }
        }
    }

    /// running -> publishing, with everything that recovery needs to complete the job.
    public func beginPublishing(
        _ claim: Claim, temporary: FilePath, output: FilePath, outputSHA256: String, metrics: JobMetrics,
        reusedJobID: Int64?
    ) throws {
        try write { db in
            try change(
                claim, from: [.running],
                set: "state = 'publishing', temporary_output = ?, output = ?, output_sha256 = ?, reused_job_id = ?",
                [temporary.blob, output.blob, outputSHA256, reusedJobID], db)
            try metrics.save(job: claim.id, db)
        }
    }

    /// publishing -> publishing with another final name.
    public func changeOutput(_ claim: Claim, output: FilePath) throws {
        try write { db in try change(claim, from: [.publishing], set: "output = ?", [output.blob], db) }
    }

    /// publishing -> completed.
    public func complete(_ claim: Claim, metrics: JobMetrics, now: Date) throws {
        try write { db in
            guard try JobQueries.job(db, id: claim.id)?.token == claim.token else {
                throw JobStoreError.lostClaim(claim)
            }
            // The metrics are stored before the state changes, because that change fires a trigger that adds them to
            // the sums over completed jobs.
            try metrics.save(job: claim.id, db)
            try change(
                claim, from: [.publishing],
                set: """
                    state = 'completed', token = NULL, temporary_output = NULL, reason = NULL, message = NULL,
                    finished_at = ?, needs_disposal = length(inbox) > 0
                    """,
                [Milliseconds.from(now)], db)
        }
    }

    /// running or publishing -> retryable or failed.
    public func fail(
        _ claim: Claim, reason: FailureReason, message: String, metrics: JobMetrics?, now: Date
    ) throws -> Job {
        try write { db in
            guard let job = try JobQueries.job(db, id: claim.id), job.token == claim.token else {
                throw JobStoreError.lostClaim(claim)
            }
            let isUncharged = reason == .diskFull && !FaultPlan.injects(.chargeFullDisk)
            // After the first full disk, `claim` keeps the time at which the attempt began.
            let waited = job.reason == .diskFull ? max(0, now.timeIntervalSince(job.startedAt ?? now)) : 0
            let delay =
                isUncharged
                ? policy.delay(waitedForRoom: waited, random: random())
                : policy.delay(after: job.attempt, reason: reason, random: random())
            let isGivenUp = isUncharged && delay == nil
            let wait = " It has waited for free space for \(Int(waited / 60)) minutes."
            let message = isGivenUp ? message + wait : message
            let time = Milliseconds.from(now)
            let dueTime = delay.map { Milliseconds.from(now.addingTimeInterval($0)) }
            try change(
                claim, from: [.running, .publishing],
                set: """
                    state = ?, run_after = ?, finished_at = ?, reason = ?, message = ?, token = NULL, output = NULL,
                    temporary_output = NULL, output_sha256 = NULL, reused_job_id = NULL,
                    needs_disposal = ? AND length(inbox) > 0
                    """,
                [
                    (delay == nil ? JobState.failed : .retryable).rawValue, dueTime, delay == nil ? time : nil,
                    reason.rawValue, message, delay == nil,
                ], db)
            try db.execute(sql: "DELETE FROM job_metrics WHERE job_id = ?", arguments: [claim.id])
            try metrics?.save(job: claim.id, db)
            return try existing(claim.id, db)
        }
    }

    /// running or publishing -> available; the attempt does not count.
    public func release(_ claim: Claim, now: Date) throws {
        let charge = FaultPlan.injects(.chargeRelease) ? 0 : 1
        try write { db in
            try change(
                claim, from: [.running, .publishing],
                set: """
                    state = 'available', attempt = attempt - \(charge), token = NULL, started_at = NULL, output = NULL,
                    temporary_output = NULL, output_sha256 = NULL, reused_job_id = NULL
                    """, [], db)
            try db.execute(sql: "DELETE FROM job_metrics WHERE job_id = ?", arguments: [claim.id])
        }
    }

    /// available, running or retryable -> cancelled.
    public func cancel(id: Int64, now: Date) throws -> Job? {
        try write { db in
            // A publishing job is not cancelled: its output may already have its final name, and would then belong to
            // no completed job.
            try db.execute(
                sql: """
                    UPDATE job SET state = 'cancelled', token = NULL, run_after = NULL, finished_at = ?,
                        needs_disposal = length(inbox) > 0
                    WHERE id = ? AND state IN ('available', 'running', 'retryable')
                    """, arguments: [Milliseconds.from(now), id])
            return db.changesCount == 1 ? try existing(id, db) : nil
        }
    }

    /// failed or cancelled -> available with attempt 0, with the same or a changed content.
    public func retry(
        id: Int64, spool: FilePath, source: FilePath, content: ChangedContent?, now: Date
    ) throws -> Job? {
        try write { db in
            guard let job = try JobQueries.job(db, id: id), job.state == .failed || job.state == .cancelled,
                content != nil || !job.input.contentSHA256.isEmpty
            else { return nil }
            let active = """
                SELECT id FROM job WHERE source = ? AND content_sha256 = ?
                AND state IN ('available', 'running', 'publishing', 'retryable')
                """
            let content =
                content
                ?? ChangedContent(
                    sha256: job.input.contentSHA256, size: job.input.contentSize, stamp: job.input.sourceStamp)
            if let other = try Int64.fetchOne(db, sql: active, arguments: [source.blob, content.sha256]) {
                throw JobStoreError(.alreadyQueued, "Job \(other) has the same file and is not finished yet.")
            }
            try db.execute(sql: "DELETE FROM job_metrics WHERE job_id = ?", arguments: [id])
            try db.execute(
                sql: """
                    UPDATE job SET state = 'available', attempt = 0, spool = ?, source = ?, content_sha256 = ?,
                        content_size = ?, source_stamp = ?, reason = NULL, message = NULL, started_at = NULL,
                        finished_at = NULL, disposed_source = NULL, needs_disposal = 0, queued_at = ?
                    WHERE id = ?
                    """,
                arguments: [
                    spool.blob, source.blob, content.sha256, content.size, content.stamp, Milliseconds.from(now), id,
                ])
            return try existing(id, db)
        }
    }

    /// Records where the original of an ended job was moved.
    public func recordDisposal(id: Int64, disposedSource: FilePath?) throws {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE job SET needs_disposal = 0, disposed_source = ?
                    WHERE id = ? AND state IN ('completed', 'failed', 'cancelled')
                    """, arguments: [disposedSource?.blob, id])
        }
    }

    /// Sets `needsDisposal` of a completed or failed job whose original exists after all.
    public func requireDisposal(id: Int64) throws {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE job SET needs_disposal = 1
                    WHERE id = ? AND state IN ('completed', 'failed') AND disposed_source IS NULL
                    """, arguments: [id])
        }
    }

    /// Puts the running jobs of a dead daemon back into the queue, and lists the jobs that the publisher must finish.
    public func recover(now: Date) throws -> Recovery {
        try write { db in
            var recovery = Recovery()
            let stranded = try Int64.fetchAll(db, sql: "SELECT id FROM job WHERE state = 'running' ORDER BY id")
            if FaultPlan.injects(.forgetRunning) { return recovery }
            try db.execute(
                sql: """
                    UPDATE job SET state = 'failed', token = NULL, finished_at = ?, reason = ?, message = ?,
                        needs_disposal = length(inbox) > 0
                    WHERE state = 'running' AND attempt >= ?
                    """,
                arguments: [
                    Milliseconds.from(now), FailureReason.workerCrashed.rawValue,
                    "The service ended during this job's last allowed attempt.", policy.maxAttempts,
                ])
            try db.execute(
                sql: "UPDATE job SET state = 'available', token = NULL, started_at = NULL WHERE state = 'running'")
            recovery.requeued = try stranded.map { try existing($0, db) }
            recovery.publishing = try JobQueries.all(
                db, JobQueries.select("WHERE state = 'publishing' ORDER BY job.id"))
            return recovery
        }
    }

    /// Runs one UPDATE of the claimed job; throws `lostClaim` unless it changes exactly one row.
    private func change(
        _ claim: Claim, from states: [JobState], set assignments: String,
        _ values: [(any DatabaseValueConvertible)?], _ db: Database
    ) throws {
        let list = states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        let token = FaultPlan.injects(.skipTokenCheck) ? "? IS NOT NULL" : "token = ?"
        try db.cachedStatement(sql: "UPDATE job SET \(assignments) WHERE id = ? AND \(token) AND state IN (\(list))")
            .execute(arguments: StatementArguments(values + [claim.id, claim.token]))
        guard db.changesCount == 1 else { throw JobStoreError.lostClaim(claim) }
    }
}
