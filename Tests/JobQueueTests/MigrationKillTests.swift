import FaultInjection
import Foundation
import GRDB
import Migrations
import SystemPackage
import Testing

@testable import JobQueue

/// Promise 21: a program that is killed before any statement of its migrations leaves the old schema or the new one.
@Suite struct MigrationKillTests {
    /// Creates the database of a version, with a completed job if the version has jobs; 0 is an empty folder.
    private static func make(_ version: Int, in folder: TemporaryFolder) throws {
        guard version > 0 else { return }
        let database = try DatabaseQueue(path: folder.database.string)
        try database.writeWithoutTransaction {
            try SchemaMigrator(steps: Array(Migration.all[..<version])).migrate($0)
            try $0.execute(sql: "INSERT INTO setting VALUES ('paused', '1', 1)")
        }
        try database.close()
    }

    @Test func aKillAtAnyStatementLeavesTheOldOrTheNewSchema() throws {
        var kills = 0
        for version in 0..<Migration.all.count {
            let (count, violations) = try Self.strikeAll(from: version, fault: nil)
            #expect(violations == [])
            #expect(count > 3)
            kills += count
        }
        print("torture | 21 | full | killed before each of \(kills) statements of all migrations: old or new schema |")
    }

    @Test func stepsWithoutATransactionAreDetected() throws {
        #expect(try Self.strikeAll(from: 0, fault: .migrateInPieces).violations != [])
    }

    /// Kills a migrating process before its first statement, its second and so on, until a process ends by itself.
    private static func strikeAll(
        from version: Int, fault: Fault?
    ) throws -> (kills: Int, violations: [String]) {
        let schemas = try (0...Migration.all.count).map { version in
            let folder = try TemporaryFolder()
            try make(version, in: folder)
            return try schema(in: folder)
        }
        var violations: [String] = []
        for statement in 1... {
            let folder = try TemporaryFolder()
            try make(version, in: folder)
            guard try migrate(folder, killedAt: statement, fault: fault) else { return (statement - 1, violations) }
            let found = try schema(in: folder)
            if !schemas[version...].contains(found) {
                violations.append("killed at statement \(statement): a schema of no version (\(found.version))")
            }
            if found.check != "ok" { violations.append("killed at statement \(statement): \(found.check)") }
            do {
                let store = try SQLiteJobStore(path: folder.database)
                if try store.isPaused() != (version > 0) { violations.append("what was stored is gone") }
                if try schema(in: folder).objects != schemas.last?.objects { violations.append("no newest schema") }
            } catch {
                violations.append("killed at statement \(statement): \(error)")
            }
        }
        return (0, violations)
    }

    private struct Schema: Equatable {
        var version = 0
        var check = "ok"
        var objects: [String] = []
    }

    private static func schema(in folder: TemporaryFolder) throws -> Schema {
        guard FileManager.default.fileExists(atPath: folder.database.string) else { return Schema() }
        return try DatabaseQueue(path: folder.database.string).read { db in
            Schema(
                version: try Int.fetchOne(db, sql: "PRAGMA user_version") ?? -1,
                check: try String.fetchOne(db, sql: "PRAGMA integrity_check") ?? "",
                objects: try String.fetchAll(
                    db, sql: "SELECT name || coalesce(sql, '') FROM sqlite_schema ORDER BY name"))
        }
    }

    /// Runs a process that migrates the database to the newest schema; returns false if it ended by itself.
    private static func migrate(
        _ folder: TemporaryFolder, killedAt statement: Int, fault: Fault?
    ) throws -> Bool {
        let process = Process()
        let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        process.executableURL = products.appending(path: "queue-writer")
        process.arguments = [folder.path.string, "migrate"]
        let plan = FaultPlan(fault.map { [$0] } ?? [], fatalStatement: statement)
        process.environment = ProcessInfo.processInfo.environment.merging(plan.environment) { $1 }
        try process.run()
        process.waitUntilExit()
        if process.terminationReason == .uncaughtSignal { return true }
        guard process.terminationStatus == 0 else { throw Unexpected("the process ended by itself") }
        return false
    }
}
