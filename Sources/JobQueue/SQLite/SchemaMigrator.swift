import FaultInjection
import GRDB
import Migrations

/// Migrates a database to the schema of this program.
///
/// The schema's version is SQLite's `user_version`, which any tool can read from the file's header. Each step is a
/// plain SQL file; GRDB's `DatabaseMigrator` is not used, because it registers its steps as Swift code. Each step is
/// one transaction, so after a kill the database has either the old schema or the new one.
struct SchemaMigrator {
    /// SQLite's `application_id` of this program's databases: the letters "SRGN", stored at byte 68 of the file.
    static let applicationID: Int32 = 0x5352_474E

    var steps: [Migration] = Migration.all

    /// The newest version that this program knows.
    var latest: Int { steps.last?.version ?? 0 }

    /// Returns the version of the file's schema; 0 for an empty file. Throws `JobStoreError`: foreignDatabase,
    /// newerSchema.
    func check(_ db: Database) throws -> Int {
        let id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if id != Self.applicationID {
            let isEmpty =
                try id == 0 && version == 0 && !Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_schema)")!
            guard isEmpty else {
                throw JobStoreError(
                    .foreignDatabase,
                    "The database belongs to another program (application_id \(id)); it was not touched.")
            }
            return 0
        }
        guard version <= latest else {
            throw JobStoreError(
                .newerSchema,
                "The database has schema version \(version), written by a newer version of this program, which knows up to "
                    + "\(latest); it was not touched.")
        }
        return version
    }

    /// Runs the steps that the database does not have yet. Call it outside a transaction.
    func migrate(_ db: Database) throws {
        let version = try check(db)
        for step in steps where step.version > version {
            if FaultPlan.injects(.migrateInPieces) {
                try db.execute(sql: step.sql)
                continue
            }
            try db.inTransaction(.immediate) {
                try db.execute(sql: step.sql)
                let reached = try Int.fetchOne(db, sql: "PRAGMA user_version")
                precondition(reached == step.version, "\(step.name) leads to version \(reached ?? -1)")
                return .commit
            }
        }
    }
}
