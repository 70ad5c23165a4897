import Foundation
import JobQueue
import SystemPackage
import Testing

/// Programs of two versions with one database: it is refused or migrated, and never written by both.
@Suite struct DaemonUpgradeTests {
    private let daemon: DaemonHarness
    private var database: FilePath { SQLiteJobStore.path(in: daemon.path("state")) }

    init() throws { daemon = try DaemonHarness() }

    private func sqlite(_ input: String) throws {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/sqlite3")
        // The daemon may hold the database for a moment.
        process.arguments = ["-bail", "-cmd", ".timeout 10000", database.string]
        process.standardInput = pipe
        try process.run()
        try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func jobs(_ arguments: String...) throws -> JobsProgram.Outcome {
        try JobsProgram.run(
            ["--config", daemon.configurationPath.string] + arguments, in: URL(filePath: daemon.root.string))
    }

    private func bytes(_ suffix: String) -> Data? { FileManager.default.contents(atPath: database.string + suffix) }

    @Test func aNewerDatabaseIsRefusedByEveryProgram() throws {
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0)
        try sqlite("PRAGMA user_version = 4711; PRAGMA wal_checkpoint(TRUNCATE);")
        let before = bytes("")
        for arguments in [[], ["--drain"]] { #expect(try daemon.exit(of: daemon.launch(arguments)) == 78) }
        #expect(daemon.log.contains("schema version 4711") && daemon.log.contains("knows up to 4"))
        for command in [["list"], ["stats"], ["pause"], ["backup", "copy.db"]] {
            let outcome = try JobsProgram.run(
                ["--config", daemon.configurationPath.string] + command, in: URL(filePath: daemon.root.string))
            #expect(outcome.code == 78, "\(command)")
            #expect(outcome.errors.contains("4711") && outcome.errors.contains("up to 4"), "\(command)")
        }
        #expect(bytes("") == before && (bytes("-wal") ?? Data()).isEmpty)
        #expect(!daemon.exists("copy.db"))
    }

    @Test func theLockIsCheckedBeforeTheSchema() throws {
        try daemon.start()
        // What a running daemon of a newer version would have done by now.
        try sqlite("PRAGMA user_version = 4711;")
        // The older daemon does not even read the schema: another process holds the folder.
        #expect(try daemon.run("--drain") == 75)
        #expect(daemon.log.contains("is in use by process"))
        #expect(!daemon.log.contains("4711"))
        // srgan-jobs does not write either; reading reports which version it found.
        let list = try jobs("list")
        #expect(list.code == 78 && list.errors.contains("4711"))
        #expect(try daemon.stop() == 0)
        #expect(try daemon.run("--drain") == 78)
    }

    @Test(arguments: [1, 2]) func aReleasedDatabaseIsMigrated(_ schema: Int) throws {
        try daemon.makeFolder("state")
        let dump = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "JobQueueTests/Fixtures/schema-\(schema).sql")
        try sqlite(String(contentsOf: dump, encoding: .utf8))
        // The queue was paused, and it stays paused.
        #expect(try daemon.run("--drain") == 75)
        #expect(try jobs("resume").code == 0)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        // The images of its jobs do not exist here: the waiting jobs end with that reason.
        #expect(try daemon.run("--drain") == 2)
        #expect(try daemon.job("a.png")?.state == .completed)
        let history = daemon.jobs()
        #expect(history.map(\.id) == Array(1...9) + [11])
        #expect(history.allSatisfy { $0.state.isFinal })
        #expect(history.filter { [6, 7, 9].contains($0.id) }.allSatisfy { $0.reason == .vanished })
    }
}
