import Foundation
import GRDB
import SystemPackage
import Testing

@testable import JobQueue

/// Somebody deletes or replaces files of a queue that is in use.
@Suite struct DatabaseFilesTests {
    private let folder: TemporaryFolder
    private let store: SQLiteJobStore
    private let job: Job

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteJobStore(path: folder.database)
        job = try store.add()
    }

    private func remove(_ suffix: String) throws {
        try FileManager.default.removeItem(atPath: folder.database.string + suffix)
    }

    @Test(arguments: ["", "-wal", "-shm"]) func nothingIsWrittenIntoADeletedFile(_ suffix: String) throws {
        #expect(try store.salvage() == nil)
        try remove(suffix)
        for write in [{ try store.probe() }, { _ = try store.claim(now: noon) }] {
            #expect(expectError(.replaced, write).contains("srgan.db\(suffix) was deleted or replaced"))
        }
        #expect(try store.job(id: job.id) == job)
        let salvage = try #require(try store.salvage())
        #expect(salvage == (suffix.isEmpty ? .restored(folder.database) : .merged(folder.database)))
        #expect(try SQLiteJobStore(path: folder.database).job(id: job.id) == job)
    }

    @Test func anotherFileOfTheNameIsKept() throws {
        for suffix in ["", "-wal", "-shm"] { try remove(suffix) }
        let other = try SQLiteJobStore(path: folder.database)
        let theirs = try other.add("theirs.jpg")
        expectError(.replaced) { try store.probe() }
        guard case .saved(let path) = try store.salvage() else {
            Issue.record("was not saved")
            return
        }
        #expect(try SQLiteJobStore(path: path).job(id: job.id) == job)
        #expect(try other.jobs(states: nil, since: nil, limit: nil) == [theirs])
    }

    @Test func aFolderThatIsMovedAwayIsNoticed() throws {
        let away = FilePath(folder.path.string + ".away")
        try #require(rename(folder.path.string, away.string) == 0)
        defer { rename(away.string, folder.path.string) }
        expectError(.replaced) { try store.probe() }
    }
}
