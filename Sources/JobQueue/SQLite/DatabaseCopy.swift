import Foundation
import GRDB
import SystemPackage

/// A consistent copy of a queue's database, made while anybody writes it or nobody.
///
/// `VACUUM INTO` on a read-only connection: to SQLite it is one long read, so it takes no part in the rule that one process
/// writes, never checkpoints (what can corrupt the log of SQLite below 3.51.3 needs two connections that do), and needs no
/// daemon. Asking the daemon instead lost: it may only write where its sandbox lets it, it would hold its one writing
/// connection for as long as the copy takes, and a stalled daemon is when a copy is wanted most. While the copy is made the
/// daemon's log grows, since the read holds a checkpoint back.
public enum DatabaseCopy {
    /// What a copy holds.
    public struct Summary: Sendable, Equatable {
        /// Rows of the history.
        public let jobs: Int
        /// The schema's version (`user_version`).
        public let schemaVersion: Int
    }

    /// Copies the database of a state folder and checks the copy.
    ///
    /// - file: an empty file, which the caller makes durable; its content is undefined after an error.
    /// - Throws: `JobStoreError`: noDatabase, newerSchema, foreignDatabase, damaged, diskFull, inputOutput, unavailable.
    public static func write(of directory: FilePath, into file: FilePath) throws -> Summary {
        guard let name = String(validating: file) else {
            throw JobStoreError(.unavailable, "The path of a copy must be UTF-8.")
        }
        let migrator = SchemaMigrator()
        let source = try DatabaseOpening.reader(
            path: SQLiteJobStore.path(in: directory), migrator: migrator, allowingOlder: true)
        do {
            // Outside of a transaction, as VACUUM demands.
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

    /// A full disk is the copy's here, not the state folder's.
    private static func explain(_ error: DatabaseError) -> JobStoreError {
        guard error.resultCode == .SQLITE_FULL else { return JobStoreError(error) }
        return JobStoreError(.diskFull, "There is no room for the copy.", cause: error)
    }
}
