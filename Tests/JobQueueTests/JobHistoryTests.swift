import Foundation
import JobQueue
import SystemPackage
import Testing

/// Reading beside a live, stopped or killed writer; the state lock between processes.
@Suite struct JobHistoryTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func thereIsNothingToReadYet() throws {
        expectError(.noDatabase) { try JobHistory(directory: folder.path) }
        #expect(FileManager.default.createFile(atPath: folder.database.string, contents: nil))
        expectError(.noDatabase) { try JobHistory(directory: folder.path) }
    }

    @Test func readsAfterTheWriterClosed() throws {
        var job: Job?
        do {
            let store = try SQLiteJobStore(path: folder.database)
            job = try store.add()
        }
        let history = try JobHistory(directory: folder.path)
        #expect(try history.jobs(states: nil, since: nil, limit: nil) == [job])
        // Reading leaves the log in place, so a reader without write permission can read later.
        #expect(FileManager.default.fileExists(atPath: folder.database.string + "-wal"))
    }

    @Test func readsWhileAWriterWrites() throws {
        let store = try SQLiteJobStore(path: folder.database)
        let history = try JobHistory(directory: folder.path)
        #expect(try history.jobs(states: nil, since: nil, limit: nil).isEmpty)
        let job = try store.add()
        let claim = try store.take()
        #expect(try history.job(id: job.id)?.state == .running)
        try store.finish(claim)
        try store.setPaused(true, now: noon)
        #expect(try history.job(id: job.id) == store.job(id: job.id))
        #expect(try history.statistics(now: noon) == store.statistics(now: noon))
        #expect(try history.isPaused())
        #expect(try history.nextDue() == nil)
    }

    @Test func readsWhileAnotherProcessWritesAndAfterItWasKilled() throws {
        let writer = try WriterProcess(folder: folder)
        defer { writer.kill() }
        let before = try JobHistory(directory: folder.path)
        // The writer adds jobs continuously; each read shows one consistent moment.
        var last = 0
        while last < 200 {
            let jobs = try before.jobs(states: nil, since: nil, limit: nil)
            #expect(jobs.count >= last)
            #expect(jobs.count { $0.state == .running } == 1)
            last = jobs.count
        }
        writer.kill()
        let after = try JobHistory(directory: folder.path)
        let jobs = try after.jobs(states: nil, since: nil, limit: nil)
        #expect(jobs.count >= last)
        #expect(try before.jobs(states: nil, since: nil, limit: nil) == jobs)
        #expect(jobs.map(\.id) == Array(1...Int64(jobs.count)))

        // The kernel released the lock with the process; the next instance takes the running job back.
        let lock = try StateLock(directory: folder.path, version: "test")
        let recovery = try SQLiteJobStore(path: folder.database).recover(now: Date())
        #expect(recovery.requeued.count == 1)
        withExtendedLifetime(lock) {}
        #expect(try after.jobs(states: [.running], since: nil, limit: nil).isEmpty)
    }

    @Test func theStateLockNamesItsHolder() throws {
        let writer = try WriterProcess(folder: folder)
        defer { writer.kill() }
        let message = expectError(.stateLocked) { try StateLock(directory: folder.path, version: "2") }
        #expect(message.contains("process \(writer.pid) (version helper)"))
        let holder = try #require(StateLock.holder(of: folder.path))
        #expect(holder.pid == writer.pid && holder.version == "helper")
        writer.kill()
        _ = try StateLock(directory: folder.path, version: "2")
    }

    @Test func theStateLockIsReleased() throws {
        do {
            let lock = try StateLock(directory: folder.path, version: "1")
            #expect(lock.directory == folder.path)
            // Two locks within one process exclude each other as well.
            expectError(.stateLocked) { try StateLock(directory: folder.path, version: "2") }
        }
        #expect(StateLock.holder(of: folder.path) == nil)
        let second = try StateLock(directory: folder.path, version: "2", timeout: .seconds(5))
        #expect(StateLock.holder(of: folder.path)?.version == "2")
        withExtendedLifetime(second) {}
        expectError(.unavailable) { try StateLock(directory: folder.path.appending("missing"), version: "1") }
    }
}

/// Runs `queue-writer`: another process that holds the lock, has one running job and adds jobs until it is killed.
final class WriterProcess {
    private let process = Process()
    var pid: Int32 { process.processIdentifier }

    /// Returns when the writer has started its work.
    init(folder: TemporaryFolder) throws {
        let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let pipe = Pipe()
        process.executableURL = products.appending(path: "queue-writer")
        process.arguments = [folder.path.string]
        process.standardOutput = pipe
        try process.run()
        guard try pipe.fileHandleForReading.read(upToCount: 1) != nil else {
            throw Unexpected("the writer did not start")
        }
    }

    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(pid, SIGKILL)
        process.waitUntilExit()
    }
}
