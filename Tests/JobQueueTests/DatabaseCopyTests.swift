import Foundation
import GRDB
import Migrations
import SystemPackage
import Testing

@testable import JobQueue

/// A copy of the database shows one moment of it, even while another process writes.
@Suite struct DatabaseCopyTests {
    private let folder: TemporaryFolder
    private let restored: TemporaryFolder
    init() throws {
        folder = try TemporaryFolder()
        restored = try TemporaryFolder()
    }

    private func copy() throws -> DatabaseCopy.Summary {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: restored.database.string + suffix)
        }
        #expect(FileManager.default.createFile(atPath: restored.database.string, contents: nil))
        return try DatabaseCopy.write(of: folder.path, into: restored.database)
    }

    @Test func aCopyContainsEverythingCommitted() throws {
        let store = try SQLiteJobStore(path: folder.database)
        let first = try store.add("a.jpg", content: 1)
        try store.finish(store.take())
        _ = try store.add("b.jpg", content: 2)
        _ = try store.prune(finishedBefore: noon) { _, _ in false }
        try store.setPaused(true, now: noon)
        #expect(try copy() == DatabaseCopy.Summary(jobs: 2, schemaVersion: Migration.all.count))
        let other = try SQLiteJobStore(path: restored.database)
        #expect(try other.jobs(states: nil, since: nil, limit: nil) == store.jobs(states: nil, since: nil, limit: nil))
        #expect(try other.statistics(now: noon) == store.statistics(now: noon))
        #expect(try other.isPaused() && other.job(id: first.id)?.state == .completed)
    }

    @Test func aCopyIsConsistentWhileAnotherProcessWrites() throws {
        let writer = try WriterProcess(folder: folder)
        defer { writer.kill() }
        var last = 0
        while last < 200 {
            let summary = try copy()
            let jobs = try JobHistory(directory: restored.path).jobs(states: nil, since: nil, limit: nil)
            // The writer adds jobs one by one: a gap would mean that a job is missing.
            #expect(jobs.map(\.id) == Array(1...Int64(max(1, summary.jobs))))
            #expect(jobs.count { $0.state == .running } == 1 && jobs.count == summary.jobs && jobs.count >= last)
            last = jobs.count
        }
        // The writer was not blocked: it continues.
        let history = try JobHistory(directory: folder.path)
        let seen = try history.jobs(states: nil, since: nil, limit: nil).count
        while try history.jobs(states: nil, since: nil, limit: nil).count == seen { sched_yield() }
    }

    @Test func whatCannotBeCopiedIsReported() throws {
        expectError(.noDatabase) { try copy() }
        _ = try SQLiteJobStore(path: folder.database)
        // A file with content is never overwritten.
        try Data("mine".utf8).write(to: URL(filePath: restored.database.string))
        expectError(.damaged) { try DatabaseCopy.write(of: folder.path, into: restored.database) }
        #expect(FileManager.default.contents(atPath: restored.database.string) == Data("mine".utf8))
        try DatabaseQueue(path: folder.database.string).write { try $0.execute(sql: "PRAGMA user_version = 4711") }
        #expect(expectError(.newerSchema) { try copy() }.contains("4711"))
    }

    @Test func aDamagedDatabaseMakesNoCopy() throws {
        do {
            let store = try SQLiteJobStore(path: folder.database)
            for number in 0..<50 { _ = try store.add("\(number).jpg", content: number) }
        }
        // Moves everything into the file itself, then damages one page in the middle.
        try DatabaseQueue(path: folder.database.string).writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let page = try DatabaseQueue(path: folder.database.string).read {
            try Int64.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'job'")
        }
        let file = try FileHandle(forWritingTo: URL(filePath: folder.database.string))
        try file.seek(toOffset: UInt64((try #require(page) - 1) * 4096))
        try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        try file.close()
        expectError(.damaged) { try copy() }
    }

    @Test func theLockHolderIsFoundWithoutTakingTheLock() throws {
        #expect(StateLock.liveHolder(of: folder.path) == nil)
        let writer = try WriterProcess(folder: folder)
        #expect(StateLock.liveHolder(of: folder.path)?.pid == writer.pid)
        writer.kill()
        // The file still names the process, but the kernel's list shows that it does not hold the lock.
        #expect(StateLock.holder(of: folder.path)?.pid == writer.pid)
        #expect(StateLock.liveHolder(of: folder.path) == nil)
    }

    @Test func theProbeNeedsTheWriteLock() throws {
        let store = try SQLiteJobStore(path: folder.database)
        try store.probe()
        let size = try FileManager.default.attributesOfItem(atPath: folder.database.string + "-wal")[.size] as? Int
        try store.probe()
        #expect(
            try FileManager.default.attributesOfItem(atPath: folder.database.string + "-wal")[.size] as? Int == size)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: folder.database.string, configuration: configuration)
        try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        // Reads still work; after its time-out the probe throws.
        #expect(try !store.isPaused())
        expectError(.busy) { try store.probe() }
        try other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        try store.probe()
    }
}
