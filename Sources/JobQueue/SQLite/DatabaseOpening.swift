import FaultInjection
import Foundation
import GRDB
import GRDBSQLite
import SystemPackage

/// Opens connections for the only writer and for readers.
enum DatabaseOpening {
    /// Opens or creates the database for the holder of the state lock, and migrates it.
    static func writer(path: FilePath, migrator: SchemaMigrator) throws -> DatabaseQueue {
        try JobStoreError.translating {
            var configuration = Configuration()
            configuration.label = "srgan.queue"
            configuration.busyMode = .timeout(10)
            configuration.prepareDatabase { db in
                // Keeps the -wal and -shm files, which SQLite otherwise deletes when the last connection closes.
                // Without them, a user who may only read the folder could not open the database while the daemon is
                // stopped.
                var persist: CInt = 1
                let code = sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &persist)
                guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
            }
            let queue = try DatabaseQueue(path: text(of: path), configuration: configuration)
            try neverClosedAfter(failureOf: queue) { db in
                // The database is checked before the journal mode is set, so that the header of another program's file
                // stays unchanged.
                _ = try migrator.check(db)
                // All rows are fetched: SQLite returns the first row, "wal", before it writes the change, so a failed
                // write is reported only when the next row is fetched.
                guard try String.fetchAll(db, sql: "PRAGMA journal_mode = WAL") == ["wal"] else {
                    throw JobStoreError(
                        .unavailable, "The file system of \(path) does not support SQLite's write-ahead log.")
                }
                // FULL makes each commit durable before the call returns. Publishing relies on this.
                let durability = FaultPlan.injects(.relaxedCommits) ? "OFF" : "FULL"
                try db.execute(
                    sql: "PRAGMA synchronous = \(durability); PRAGMA journal_size_limit = 67108864")
                if let number = FaultPlan.fatalStatement { kill(atStatement: number, of: db) }
                try migrator.migrate(db)
            }
            return queue
        }
    }

    /// Opens the database for reading. The writer may be running, stopped or killed.
    ///
    /// - allowingOlder: true to accept a schema that the daemon has not migrated yet.
    static func reader(
        path: FilePath, migrator: SchemaMigrator, allowingOlder: Bool = false
    ) throws -> DatabaseQueue {
        guard access(try text(of: path), F_OK) == 0 || errno != ENOENT else {
            throw JobStoreError(.noDatabase, "There is no database at \(path) yet.")
        }
        return try JobStoreError.translating {
            var configuration = Configuration()
            configuration.label = "srgan.history"
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            let queue = try DatabaseQueue(path: text(of: path), configuration: configuration)
            let version = try queue.read { try migrator.check($0) }
            if version == 0 {
                throw JobStoreError(.noDatabase, "The database at \(path) is empty.")
            }
            if version < migrator.latest && !allowingOlder {
                throw JobStoreError(
                    .unavailable,
                    "The database has schema version \(version); start the daemon once to migrate it to \(migrator.latest)."
                )
            }
            return queue
        }
    }

    /// Runs the first writes. If one of them fails, the connection is not closed until the process ends: closing it
    /// would sync the log again, and after a failed fsync a second one may report success although the data is not on
    /// the disk.
    private static func neverClosedAfter(
        failureOf queue: DatabaseQueue, _ body: (Database) throws -> Void
    ) throws {
        do {
            try queue.writeWithoutTransaction(body)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_IOERR {
            _ = Unmanaged.passRetained(queue)
            throw error
        }
    }

    /// Kills the process before the connection executes its statement `number`, counted from 1. The tests of migrations
    /// use this function.
    private static func kill(atStatement number: Int, of db: Database) {
        var count = 0
        db.trace { _ in
            count += 1
            if count == number { raise(SIGKILL) }
        }
    }

    /// The path as text, which SQLite needs; throws `JobStoreError` if the path is not UTF-8.
    private static func text(of path: FilePath) throws -> String {
        guard let text = String(validating: path) else {
            throw JobStoreError(.unavailable, "The state folder's path must be UTF-8.")
        }
        return text
    }
}
