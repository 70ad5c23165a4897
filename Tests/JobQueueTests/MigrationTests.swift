import Foundation
import GRDB
import Migrations
import SystemPackage
import Testing

@testable import JobQueue

/// Migration steps are immutable, run once, and never change a foreign database.
@Suite struct MigrationTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// Released steps never change: this table only grows.
    static let released = [
        "v0001_initial.sql": "8091697f9c1f3018e3949d2afb6e4dc85282f90d0a61fa7ae9ac0ad47222bf69",
        "v0002_totals.sql": "b90da9387203696bd96ac3cca5693c6b872869d1a6aab98d59192e303b7bacd1",
        "v0003_kernels.sql": "ec9fd29f27349886504a251f43b9ec02e07eaf7c1418076efc70e3bb834bcda0",
        "v0004_events.sql": "df9e577b612f04eb69e1be350d3c5e2a458c67dbebb613326720eec64b18bddc",
    ]

    private static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func releasedStepsAreUnchanged() throws {
        let files = try FileManager.default
            .contentsOfDirectory(at: Self.repository.appending(path: "migrations"), includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "sql" }
        #expect(Set(files.map(\.lastPathComponent)) == Set(Self.released.keys))
        for file in files {
            #expect(
                try sha256(of: file) == Self.released[file.lastPathComponent], "\(file.lastPathComponent) was changed")
        }
    }

    @Test func theProgramContainsEveryStep() throws {
        #expect(Migration.all.map { "\($0.name).sql" } == Self.released.keys.sorted())
        #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
        for step in Migration.all {
            let file = Self.repository.appending(path: "migrations/\(step.name).sql")
            #expect(try Data(step.sql.utf8) == Data(contentsOf: file))
        }
    }

    @Test func aNewDatabaseIsOurs() throws {
        _ = try SQLiteJobStore(path: folder.database)
        let database = try DatabaseQueue(path: folder.database.string)
        let (id, version, check) = try database.read { db in
            (
                try Int32.fetchOne(db, sql: "PRAGMA application_id"), try Int.fetchOne(db, sql: "PRAGMA user_version"),
                try String.fetchOne(db, sql: "PRAGMA integrity_check")
            )
        }
        #expect(id == 0x5352_474E && version == Migration.all.count && check == "ok")
        // Opening the database again runs no step again.
        _ = try SQLiteJobStore(path: folder.database)
    }

    @Test func aNewerSchemaIsRefused() throws {
        _ = try SQLiteJobStore(path: folder.database)
        try DatabaseQueue(path: folder.database.string).write { try $0.execute(sql: "PRAGMA user_version = 4711") }
        for message in [
            expectError(.newerSchema) { try SQLiteJobStore(path: folder.database) },
            expectError(.newerSchema) { try JobHistory(directory: folder.path) },
        ] {
            #expect(message.contains("4711") && message.contains("up to \(Migration.all.count)"))
        }
    }

    @Test(arguments: ["PRAGMA application_id = 7", "CREATE TABLE photo (id INTEGER)", "PRAGMA user_version = 1"])
    func aForeignDatabaseIsRefusedAndUntouched(_ sql: String) throws {
        try DatabaseQueue(path: folder.database.string).write { try $0.execute(sql: sql) }
        let before = try Data(contentsOf: URL(filePath: folder.database.string))
        expectError(.foreignDatabase) { try SQLiteJobStore(path: folder.database) }
        expectError(.foreignDatabase) { try JobHistory(directory: folder.path) }
        #expect(try Data(contentsOf: URL(filePath: folder.database.string)) == before)
    }

    @Test func aFileThatIsNotADatabaseIsRefused() throws {
        let text = Data(String(repeating: "I am a letter. ", count: 100).utf8)
        try text.write(to: URL(filePath: folder.database.string))
        expectError(.damaged) { try SQLiteJobStore(path: folder.database) }
        #expect(try Data(contentsOf: URL(filePath: folder.database.string)) == text)
    }

    @Test func theFirstSchemaIsMigrated() throws {
        // A database of version 1, with a completed job.
        let database = try DatabaseQueue(path: folder.database.string)
        try database.writeWithoutTransaction { try SchemaMigrator(steps: [Migration.all[0]]).migrate($0) }
        try database.write { db in
            let hash = NewJob.hash(1)
            try db.execute(
                sql: """
                    INSERT INTO job (state, source, inbox, spool, source_stamp, content_sha256, content_size, model_sha256,
                        settings, output_folder, output_name, attempt, output, output_sha256, created_at, queued_at,
                        started_at, finished_at)
                    VALUES ('completed', x'61', x'61', x'61', '', ?, 1, ?, '{}', x'61', x'61', 1, x'61', ?, 1, 1, 1, 1)
                    """, arguments: [hash, hash, hash])
            try db.execute(
                sql: "INSERT INTO job_metrics VALUES (1, 1, 2, 3, 4, 5, 6000000, 7, 8, 9, 10, 11, 40, 44, 12, '[]')")
        }
        expectError(.unavailable) { try JobHistory(directory: folder.path) }
        let store = try SQLiteJobStore(path: folder.database)
        #expect(try store.job(id: 1)?.metrics?.totalSeconds == 6)
        #expect(try store.job(id: 1)?.metrics?.kernels == nil)
        let statistics = try store.statistics(now: noon)
        #expect(statistics.inputPixels == 110 && statistics.outputPixels == 1760 && statistics.totalSeconds == 6)
    }

    @Test func aStepThatFailsLeavesTheOldSchema() throws {
        let store = try SQLiteJobStore(path: folder.database)
        let job = try store.add()
        let next = Migration.all.count + 1
        let broken = SchemaMigrator(
            steps: Migration.all + [
                Migration(
                    version: next, name: "broken",
                    sql: "PRAGMA user_version = \(next); DELETE FROM job; CREATE TABLE job (twice INTEGER);")
            ])
        let database = try DatabaseQueue(path: folder.database.string)
        #expect(throws: DatabaseError.self) {
            try database.writeWithoutTransaction { try broken.migrate($0) }
        }
        #expect(try database.read { try SchemaMigrator().check($0) } == Migration.all.count)
        #expect(try SQLiteJobStore(path: folder.database).job(id: job.id) == job)
    }

    private func sha256(of file: URL) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/sha256sum")
        process.arguments = [file.path]
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(String(decoding: output, as: UTF8.self).prefix(64))
    }
}
