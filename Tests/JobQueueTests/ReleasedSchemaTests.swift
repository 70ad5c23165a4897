import Foundation
import GRDB
import Migrations
import SystemPackage
import Testing

@testable import JobQueue

/// Databases of released programs, kept in `Fixtures`: this program opens each of them and loses nothing.
@Suite struct ReleasedSchemaTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    /// Restores a kept database into a state folder.
    static func restore(schema: Int, to path: FilePath) throws {
        let dump = try String(contentsOf: fixtures.appending(path: "schema-\(schema).sql"), encoding: .utf8)
        let database = try DatabaseQueue(path: path.string)
        try database.writeWithoutTransaction { try $0.execute(sql: dump) }
        try database.close()
    }

    private static func version(of path: FilePath) throws -> Int? {
        try DatabaseQueue(path: path.string).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    }

    @Test func everyReleasedSchemaIsKept() throws {
        let kept = try FileManager.default.contentsOfDirectory(atPath: Self.fixtures.path)
            .filter { $0.hasSuffix(".sql") }.sorted()
        #expect(kept == Migration.all.map { "schema-\($0.version).sql" }.sorted())
        for step in Migration.all {
            try Self.restore(schema: step.version, to: folder.path.appending("\(step.version).db"))
            #expect(try Self.version(of: folder.path.appending("\(step.version).db")) == step.version)
        }
    }

    @Test(arguments: Migration.all.map(\.version)) func everyReleasedDatabaseOpensComplete(_ schema: Int) throws {
        try Self.restore(schema: schema, to: folder.database)
        let store = try SQLiteJobStore(path: folder.database)
        #expect(try Self.version(of: folder.database) == Migration.all.last?.version)
        let jobs = try store.jobs(states: nil, since: nil, limit: nil)
        #expect(
            jobs.map(\.state) == [
                .completed, .completed, .failed, .failed, .cancelled, .retryable, .running, .publishing, .available,
            ])
        #expect(jobs.map(\.id) == Array(1...9))
        let hash = (content: String(repeating: "a", count: 64), output: String(repeating: "b", count: 64))
        #expect(jobs.filter { $0.input.contentSHA256 == hash.content }.count == 8)
        #expect(jobs[0].disposedSource == "/archive/completed.jpg" && jobs[0].outputSHA256 == hash.output)
        #expect(jobs[0].metrics?.totalSeconds == 6 && jobs[0].metrics?.notes == ["CMYK was converted to sRGB."])
        #expect(jobs[0].metrics?.kernels == (schema < 3 ? nil : "avx2"))
        #expect(jobs[1].reusedJobID == 1 && jobs[1].needsDisposal)
        #expect(jobs[2].reason == .truncated && jobs[2].attempt == 3)
        #expect(jobs[3].input.source.blob == Data("/inbox/".utf8) + [0xFF, 0x0A] + Data(".png".utf8))
        #expect(jobs[5].runAfter == Date(timeIntervalSince1970: 1_700_000_060) && jobs[5].reason == .workerCrashed)
        #expect(jobs[7].temporaryOutput == "/outbox/.t8" && jobs[7].attempt == 2)
        #expect(try store.isPaused())
        // The sums match the rows, even if an older program kept no sums.
        let statistics = try store.statistics(now: noon)
        #expect(statistics.inputPixels == 2 * 640 * 480 && statistics.outputPixels == 2 * 2560 * 1920)
        #expect(statistics.tiles == 18 && statistics.totalSeconds == 12 && statistics.reused == 1)
        #expect(statistics.failuresByReason == [.truncated: 1, .empty: 1])
        // Work continues, and the id of a pruned job is not used again.
        let recovery = try store.recover(now: noon)
        #expect(recovery.requeued.map(\.id) == [7] && recovery.publishing.map(\.id) == [8])
        #expect(try store.undisposed() == [2])
        try store.setPaused(false, now: noon)
        #expect(try store.add("new.jpg", content: 2).id == 11)
        #expect(try store.claim(now: noon + 3600)?.state == .running)
        let check = try store.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
        #expect(check == "ok")
    }

    @Test(arguments: Migration.all.map(\.version)) func aCopyOfEveryReleasedDatabaseIsComplete(_ schema: Int) throws {
        try Self.restore(schema: schema, to: folder.database)
        let before = try Data(contentsOf: URL(filePath: folder.database.string))
        let copy = folder.path.appending("copy.db")
        #expect(FileManager.default.createFile(atPath: copy.string, contents: nil))
        let summary = try DatabaseCopy.write(of: folder.path, into: copy)
        #expect(summary == DatabaseCopy.Summary(jobs: 9, schemaVersion: schema))
        #expect(try Self.version(of: copy) == schema)
        #expect(try Data(contentsOf: URL(filePath: folder.database.string)) == before)
        #expect(try SQLiteJobStore(path: copy).jobs(states: nil, since: nil, limit: nil).count == 9)
    }
}
