import DaemonControl
import Foundation
import JobQueue
import SystemPackage
import Testing

/// `srgan-jobs backup` and the restore: stop, put the file in place, start.
@Suite struct JobsBackupTests {
    private let daemon: DaemonHarness
    private var database: String { SQLiteJobStore.path(in: daemon.path("state")).string }
    private var copy: String { daemon.path("backup/srgan.db").string }

    init() throws {
        daemon = try DaemonHarness()
        try daemon.makeFolder("backup")
    }

    private func jobs(_ arguments: String...) throws -> JobsProgram.Outcome {
        try JobsProgram.run(
            ["--config", daemon.configurationPath.string] + arguments, in: URL(filePath: daemon.root.string))
    }

    /// Restores as documented: the log and its index belong to the old database.
    private func restore() throws {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database + suffix) }
        try FileManager.default.copyItem(atPath: copy, toPath: database)
    }

    @Test func aBackupOfALiveDaemonBringsEverythingBack() throws {
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/b.png")
        try daemon.write(Data(), to: "inbox/empty.png")
        try daemon.start()
        for name in ["a.png", "b.png"] { try daemon.wait(for: name, .completed) }
        try daemon.wait(for: "empty.png", .failed)
        #expect(try daemon.ask(.pause) == .done)
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox/waits.png")
        try daemon.wait(for: "waits.png", .available)
        let before = daemon.jobs()
        let totals = try jobs("stats", "--json")

        let backup = try jobs("backup", copy)
        #expect(backup.code == 0 && backup.errors.isEmpty)
        #expect(backup.output.hasPrefix("\(copy): 4 jobs, "))
        #expect(daemon.files(below: "backup") == ["srgan.db"])
        #expect(try posixPermissions(copy) & 0o037 == 0)

        // More jobs are done, and then the whole state folder is lost.
        try daemon.write(DaemonSamples.png(variant: 3), to: "inbox/later.png")
        try daemon.wait(for: "later.png", .available)
        #expect(try daemon.stop() == 0)
        try FileManager.default.removeItem(atPath: daemon.path("state").string)
        try daemon.makeFolder("state")
        try restore()
        #expect(daemon.jobs() == before)

        try daemon.start()
        // The pause is part of the backup; totals and history are as they were.
        #expect(try daemon.status()?.paused == true)
        try daemon.wait(for: "later.png", .available)
        #expect(daemon.jobs().prefix(4) == before[...])
        let fields = ["reused", "input_pixels", "output_pixels", "tiles", "seconds", "failures"]
        #expect(try pick(fields, of: jobs("stats", "--json")) == pick(fields, of: totals))
        // Jobs that were waiting have lost their spooled copies and are done from the originals.
        #expect(try daemon.ask(.resume) == .done)
        for name in ["waits.png", "later.png"] { try daemon.wait(for: name, .completed) }
        #expect(daemon.files(below: "outbox") == ["a.png", "b.png", "later.png", "waits.png"])
        #expect(daemon.jobs().map(\.id) == [1, 2, 3, 4, 5])
    }

    @Test func aBackupOfAStoppedDaemonAndItsJSON() throws {
        #expect(try jobs("backup", copy).code == 69)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0)
        let backup = try jobs("backup", "--json", copy)
        let object = try JSONSerialization.jsonObject(with: Data(backup.output.utf8)) as? [String: Any]
        #expect(backup.code == 0 && object?["file"] as? String == copy)
        #expect(object?["jobs"] as? Int == 1 && object?["schema_version"] as? Int == 4)
        #expect(object?["bytes"] as? Int == FileManager.default.contents(atPath: copy)?.count)
        try restore()
        #expect(try daemon.run("--drain") == 0)
        #expect(try daemon.job("a.png")?.state == .completed)
    }

    @Test func theDatabaseOfAKilledDaemonIsCopied() throws {
        let daemon = try DaemonHarness(worker: "exec sleep 1000")
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.start()
        try daemon.wait(for: "a.png", .running)
        try daemon.stop(SIGKILL)
        try daemon.makeFolder("backup")
        let backup = try JobsProgram.run(
            ["--config", daemon.configurationPath.string, "backup", "backup/srgan.db"],
            in: URL(filePath: daemon.root.string))
        #expect(backup.code == 0 && backup.output.contains(": 1 job, "))
        // The backup only reads: the killed daemon's job is left for the next daemon to take back.
        #expect(try daemon.job("a.png")?.state == .running)
    }

    @Test func nothingIsReplacedWithoutForce() throws {
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0)
        try daemon.write(Data("mine".utf8), to: "backup/srgan.db")
        let refused = try jobs("backup", copy)
        #expect(refused.code == 1 && refused.errors.contains("--force") && refused.output.isEmpty)
        #expect(FileManager.default.contents(atPath: copy) == Data("mine".utf8))
        #expect(try jobs("backup", "--force", copy).code == 0)
        #expect(FileManager.default.contents(atPath: copy)?.prefix(6) == Data("SQLite".utf8))
        // Never replaces the live files, whatever their path, and never a folder.
        symlink(daemon.path("state").string, daemon.path("link").string)
        let live = FileManager.default.contents(atPath: database)
        for file in [database, daemon.path("link/srgan.db").string, daemon.path("state/new.db").string] {
            let outcome = try jobs("backup", "--force", file)
            #expect(outcome.code == 1 && outcome.errors.contains("state folder"))
        }
        #expect(FileManager.default.contents(atPath: database) == live)
        #expect(try jobs("backup", "--force", daemon.path("backup").string).code == 1)
        #expect(try jobs("backup", "missing/srgan.db").code == 73)
        #expect(try jobs("backup").code == 64)
        #expect(daemon.files(below: "backup") == ["srgan.db"])
        #expect(!daemon.exists("state/new.db"))
    }

    @Test func aFullDiskLeavesNothing() throws {
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0)
        // Space only for the beginning of a copy, in a mount namespace of its own.
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        process.arguments = [
            "--user", "--map-root-user", "--mount", "/bin/sh", "-c",
            """
            mount -t tmpfs -o size=32k tmpfs '\(daemon.path("backup").string)' || exit 99
            '\(DaemonHarness.program("srgan-jobs").string)' --config '\(daemon.configurationPath.string)' backup '\(copy)'
            code=$?
            [ -z "$(ls -A '\(daemon.path("backup").string)')" ] || exit 98
            exit $code
            """,
        ]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 75, "\(complaint)")
        #expect(complaint.contains("no room"))
    }

    private func posixPermissions(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? -1
    }

    private func pick(_ fields: [String], of outcome: JobsProgram.Outcome) throws -> NSDictionary {
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any] ?? [:]
        #expect(fields.allSatisfy { object[$0] != nil })
        return object.filter { fields.contains($0.key) } as NSDictionary
    }
}
