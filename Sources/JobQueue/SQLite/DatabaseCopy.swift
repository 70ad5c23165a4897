import Foundation
import GRDB
import SystemPackage

/// Makes a consistent copy of the queue's database, whether a daemon writes to it or not.
///
/// The copy is made by `VACUUM INTO` on a read-only connection, which SQLite treats as one long read. The copy
/// therefore needs no daemon and does not break the rule that only one process writes. The connection never
/// checkpoints, because in SQLite below 3.51.3, two connections that checkpoint can corrupt the write-ahead log. While
/// the copy is made, the write-ahead log grows, because the read delays the daemon's checkpoints.
///
/// The daemon does not make the copy, for three reasons. It can write only to the folders that its sandbox allows. The
/// copy would occupy its only writing connection. And a copy is needed most when the daemon is stalled.
public enum DatabaseCopy {
    /// The contents of a copy.
    public struct Summary: Sendable, Equatable {
        /// The number of jobs.
        public let jobs: Int
        /// The schema's version (`user_version`).
        public let schemaVersion: Int
    }

    /// Copies the database of a state folder and checks the copy.
    ///
    /// - file: an empty file, which the caller makes durable. Its content is undefined after an error.
    /// - Throws: `JobStoreError`: noDatabase, newerSchema, foreignDatabase, damaged, diskFull, inputOutput,
    ///   unavailable.
    public static func write(of directory: FilePath, into file: FilePath) throws -> Summary {
        guard let name = String(validating: file) else {
            throw JobStoreError(.unavailable, "The path of a copy must be UTF-8.")
        }
        let migrator = SchemaMigrator()
        let source = try DatabaseOpening.reader(
            path: SQLiteJobStore.path(in: directory), migrator: migrator, allowingOlder: true)
        do {
            // VACUUM does not run inside a transaction.
            try source.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [name]) }
        } catch let error as DatabaseError {
            throw Self.explain(error)
        }
        let copy = try DatabaseOpening.reader(path: file, migrator: migrator, allowingOlder: true)
        return try JobStoreError.translating {
            try copy.read { db in
                let verdict = try String.fetchOne(db, sql: "PRAGMA integrity_check") ?? ""
                guard verdict == "ok" else {
                    throw JobStoreError(.damaged, "The database is damaged: \(verdict).")
                }
                return Summary(
                    jobs: try Int.fetchOne(db, sql: "SELECT count(*) FROM job") ?? 0,
                    schemaVersion: try migrator.check(db))
            }
        }
    }

    /// Converts an error. For a full disk the message names the copy, which may be on another disk than the state
    /// folder.
    private static func explain(_ error: DatabaseError) -> JobStoreError {
        guard error.resultCode == .SQLITE_FULL else { return JobStoreError(error) }
        return JobStoreError(.diskFull, "There is no room for the copy.", cause: error)
    }
}
