import Foundation
import GRDB
import LinuxSupport
import SystemPackage

/// The deliveries that are still to be made or were given up, in a SQLite file of the program's own folder.
///
/// Reading events and storing their deliveries is one transaction, and a delivery is deleted only after it was made. So
/// each event is delivered at least once: after a crash, an event whose attempt had just succeeded is delivered again.
public final class DeliveryStore: Sendable {
    private let queue: DatabaseQueue

    private static let schema = """
        CREATE TABLE IF NOT EXISTS position (id INTEGER PRIMARY KEY CHECK (id = 1), event INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS delivery (
            hook TEXT NOT NULL,
            event INTEGER NOT NULL,
            kind TEXT NOT NULL,
            job INTEGER NOT NULL,
            body TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            due_at INTEGER NOT NULL DEFAULT 0,
            problem TEXT,
            is_dead INTEGER NOT NULL DEFAULT 0 CHECK (is_dead IN (0, 1)),
            PRIMARY KEY (hook, event)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS delivery_by_job ON delivery (hook, job, event) WHERE is_dead = 0;
        PRAGMA user_version = 1;
        """

    /// Opens the file `deliveries.db` of a folder.
    ///
    /// - creating: whether both are created if they are missing. A person who only looks must not create them: they
    ///   would belong to that person, and the service could not write them.
    /// - Throws: `HookError`.
    public init(directory: FilePath, creating: Bool = true) throws {
        let path = directory.appending("deliveries.db")
        guard creating || access(path.string, F_OK) == 0 || errno != ENOENT else {
            throw HookError("There are no deliveries yet: srgan-notify has not run with this configuration.")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: directory.string, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o750])
        } catch CocoaError.fileWriteFileExists {
        } catch {
            throw HookError("The folder \(directory.escaped) cannot be created: \(error.localizedDescription)")
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        do {
            queue = try DatabaseQueue(path: path.string, configuration: configuration)
            // Without a write-ahead log, the commands that show and repeat deliveries may write beside the service.
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL")
                let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                guard version <= 1 else {
                    throw HookError("\(path.escaped) was written by a newer version of this program.")
                }
                if version == 0 {
                    try db.inTransaction {
                        try db.execute(sql: Self.schema); return .commit
                    }
                }
            }
        } catch let error as DatabaseError {
            throw HookError("\(path.escaped) cannot be opened: \(error.message ?? "\(error)").")
        }
    }

    /// The number of the last event whose deliveries are stored; nil before the first start.
    public func position() throws -> Int64? {
        try queue.read { try Int64.fetchOne($0, sql: "SELECT event FROM position") }
    }

    /// Stores deliveries together with the number of the last event that was read.
    public func store(_ deliveries: [Delivery], position: Int64) throws {
        try queue.write { db in
            for delivery in deliveries {
                try db.execute(
                    sql: "INSERT OR IGNORE INTO delivery (hook, event, kind, job, body) VALUES (?, ?, ?, ?, ?)",
                    arguments: [delivery.hook, delivery.event, delivery.kind, delivery.job, delivery.body])
            }
            try db.execute(sql: "INSERT OR REPLACE INTO position VALUES (1, ?)", arguments: [position])
        }
    }

    /// The next delivery of a hook that is due: the oldest one whose job has no older delivery of this hook. So a hook
    /// learns the events of each job in their order, and one event that it refuses delays only its own job.
    public func next(hook: String, now: Date) throws -> Delivery? {
        let sql = """
            SELECT * FROM delivery AS d WHERE hook = ? AND is_dead = 0 AND due_at <= ? AND NOT EXISTS (
                SELECT 1 FROM delivery AS earlier
                WHERE earlier.hook = d.hook AND earlier.job = d.job AND earlier.is_dead = 0 AND earlier.event < d.event)
            ORDER BY event LIMIT 1
            """
        return try queue.read {
            try Row.fetchOne($0, sql: sql, arguments: [hook, Self.number(now)]).map(Self.delivery)
        }
    }

    /// Deletes a delivery that was made.
    public func remove(_ delivery: Delivery) throws {
        try queue.write {
            try $0.execute(
                sql: "DELETE FROM delivery WHERE hook = ? AND event = ?", arguments: [delivery.hook, delivery.event])
        }
    }

    /// Stores the new attempts, due time, problem and end of a delivery whose attempt failed.
    public func update(_ delivery: Delivery) throws {
        try queue.write {
            try $0.execute(
                sql:
                    "UPDATE delivery SET attempts = ?, due_at = ?, problem = ?, is_dead = ? WHERE hook = ? AND event = ?",
                arguments: [
                    delivery.attempts, Self.number(delivery.dueAt), delivery.problem, delivery.isDead, delivery.hook,
                    delivery.event,
                ])
        }
    }

    /// Gives up the deliveries of hooks that are no longer configured; returns how many.
    public func giveUp(exceptHooks names: [String]) throws -> Int {
        let places = Array(repeating: "?", count: names.count).joined(separator: ",")
        return try queue.write { db in
            try db.execute(
                sql: """
                    UPDATE delivery SET is_dead = 1, problem = 'The hook is no longer configured.'
                    WHERE is_dead = 0 AND hook NOT IN (\(places))
                    """, arguments: StatementArguments(names))
            return db.changesCount
        }
    }

    /// All deliveries that are stored, in the order of their events.
    public func all() throws -> [Delivery] {
        try queue.read { try Row.fetchAll($0, sql: "SELECT * FROM delivery ORDER BY event, hook").map(Self.delivery) }
    }

    /// Makes given-up deliveries due again, with all attempts available; returns how many.
    ///
    /// - hook: nil for those of all hooks.
    public func repeatDead(hook: String?) throws -> Int {
        try queue.write { db in
            try db.execute(
                sql: """
                    UPDATE delivery SET is_dead = 0, attempts = 0, due_at = 0 WHERE is_dead = 1 AND hook = coalesce(?, hook)
                    """, arguments: [hook])
            return db.changesCount
        }
    }

    /// Deletes given-up deliveries; returns how many.
    ///
    /// - hook: nil for those of all hooks.
    public func removeDead(hook: String?) throws -> Int {
        try queue.write { db in
            try db.execute(
                sql: "DELETE FROM delivery WHERE is_dead = 1 AND hook = coalesce(?, hook)", arguments: [hook])
            return db.changesCount
        }
    }

    private static func number(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }

    private static func delivery(_ row: Row) -> Delivery {
        Delivery(
            hook: row["hook"], event: row["event"], kind: row["kind"], job: row["job"], body: row["body"],
            attempts: row["attempts"], dueAt: Date(timeIntervalSince1970: Double(row["due_at"] as Int64) / 1000),
            problem: row["problem"], isDead: row["is_dead"])
    }
}
