import FaultInjection
import Foundation
import GRDB
import GRDBSQLite
import SystemPackage

/// How connections are opened, for the one writer and for readers.
enum DatabaseOpening {
    /// Opens or creates the database for the holder of the state lock, and migrates it.
    static func writer(path: FilePath, migrator: SchemaMigrator) throws -> DatabaseQueue {
        try JobStoreError.translating {
            var configuration = Configuration()
            configuration.label = "srgan.queue"
            configuration.busyMode = .timeout(10)
            configuration.prepareDatabase { db in
                // Without it the last connection deletes -wal and -shm, and somebody who may only read the folder could not
                // open the database between two runs of the daemon.
                var persist: CInt = 1
                let code = sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &persist)
                guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
            }
            let queue = try DatabaseQueue(path: text(of: path), configuration: configuration)
            try neverClosedAfter(failureOf: queue) { db in
                // Before the journal mode: the header of a foreign file stays as it is.
                _ = try migrator.check(db)
                // All rows are fetched: the first says "wal" before the change is written, and what fails then would be missed.
                guard try String.fetchAll(db, sql: "PRAGMA journal_mode = WAL") == ["wal"] else {
                    throw JobStoreError(
                        .unavailable, "The file system of \(path) does not support SQLite's write-ahead log.")
                }
                // FULL: each commit is durable before the next step of publishing, which relies on it.
                let durability = DeliberateFault.relaxedCommits.isOn ? "OFF" : "FULL"
                try db.execute(
                    sql: "PRAGMA synchronous = \(durability); PRAGMA journal_size_limit = 67108864")
                #if DEBUG
                    killAtStatement(db)
                #endif
                try migrator.migrate(db)
            }
            return queue
        }
    }

    /// Opens the database for reading, whether a writer lives, stopped or was killed.
    ///
    /// - allowingOlder: whether a schema that the daemon has yet to bring forward will do.
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
                    "The database has schema version \(version); start the daemon once to bring it to \(migrator.latest)."
                )
            }
            return queue
        }
    }

    /// Runs the first writes. Where one fails the connection stays open for good: closing it would sync the log once more,
    /// and after a failed fsync a second one is told of success whatever is on the disk.
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

    #if DEBUG
        /// Has the process end before the statement that a test named.
        private static func killAtStatement(_ db: Database) {
            guard let number = StatementKill.number else { return }
            var count = 0
            db.trace { _ in
                count += 1
                if count == number { kill(getpid(), SIGKILL) }
            }
        }
    #endif

    /// SQLite takes its file name as text.
    private static func text(of path: FilePath) throws -> String {
        guard let text = String(validating: path) else {
            throw JobStoreError(.unavailable, "The state folder's path must be UTF-8.")
        }
        return text
    }
}
