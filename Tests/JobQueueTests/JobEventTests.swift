import Foundation
import GRDB
import JobQueue
import SystemPackage
import Testing

/// The event log: each change of a job's state is one event, in order, and nothing else is.
@Suite struct JobEventTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func open(_ kind: StoreKind) throws -> any JobStore {
        try kind.open(folder, RetryPolicy(maxAttempts: 2, firstDelay: 10, maxDelay: 15), { 0.5 })
    }

    /// The kinds of all events of a job, with their attempts.
    private func story(_ store: any JobStore, _ job: Int64) throws -> [String] {
        try store.events(after: 0, limit: 1000).filter { $0.jobID == job }.map { "\($0.kind) \($0.attempt)" }
    }

    @Test(arguments: StoreKind.all) func everyTransitionIsOneEvent(_ kind: StoreKind) throws {
        let store = try open(kind)
        let good = try store.add("good.jpg")
        try store.finish(store.take())
        #expect(try story(store, good.id) == ["created 0", "started 1", "completed 1"])

        let bad = try store.add("bad.jpg", content: 2)
        try store.release(store.take(), now: noon)
        _ = try store.fail(
            store.take(), reason: .inputOutputError, message: "The disk failed.", metrics: nil, now: noon)
        _ = try store.fail(
            store.take(now: noon + 60), reason: .corrupt, message: "It is bad.", metrics: nil, now: noon + 60)
        _ = try store.retry(id: bad.id, spool: "/s", source: "/inbox/bad.jpg", now: noon + 61)
        _ = try store.cancel(id: bad.id, now: noon + 62)
        #expect(
            try story(store, bad.id) == [
                "created 0", "started 1", "postponed 1", "started 1", "postponed 1", "started 2", "failed 2",
                "retried 0",
                "cancelled 0",
            ])
        let refused = try store.reject(
            .sample("empty.jpg", content: 3), reason: .empty, message: "It is empty.", needsDisposal: true, now: noon)
        #expect(try story(store, refused.id) == ["refused 0"])
        // What changes no state is no event.
        let last = try store.eventRange().last
        try store.recordDisposal(id: refused.id, disposedSource: "/failed/empty.jpg")
        try store.setPaused(true, now: noon)
        try store.updateSourceStamp(id: good.id, "9:9:9")
        #expect(try store.eventRange() == EventRange(first: 1, last: last))
    }

    @Test(arguments: StoreKind.all) func anEventDescribesTheJobAsItWasThen(_ kind: StoreKind) throws {
        let store = try open(kind)
        let before = Date()
        let job = try store.add()
        _ = try store.fail(
            store.take(), reason: .inputOutputError, message: "The disk failed.", metrics: nil, now: noon)
        try store.finish(store.take(now: noon + 60), now: noon + 61)
        let events = try store.events(after: 0, limit: 10)
        #expect(events.map(\.kind) == [.created, .started, .postponed, .started, .completed])
        #expect(events.allSatisfy { $0.source == job.input.source && $0.inbox == "/inbox" })
        #expect(events.map(\.reason) == [nil, nil, .inputOutputError, nil, nil])
        #expect(events[2].message == "The disk failed.")
        #expect(events.map(\.output) == [nil, nil, nil, nil, "/outbox/a.jpg"])
        // The times are those of the clock, to the millisecond.
        #expect(events.allSatisfy { $0.time >= before - 0.002 && $0.time <= Date() + 0.002 })
        #expect(try store.events(after: 2, limit: 2).map(\.id) == [3, 4])
        #expect(try JobHistory(directory: folder.path).oldestEvent(ofNewest: 1, kinds: [.started]) == 4)
        #expect(try JobHistory(directory: folder.path).oldestEvent(ofNewest: 2, kinds: nil) == 4)
    }

    @Test(arguments: StoreKind.all) func aCrashOfTheServiceIsAnEventOfItsRunningJobs(_ kind: StoreKind) throws {
        let store = try open(kind)
        let job = try store.add()
        _ = try store.take()
        _ = try open(kind).recover(now: noon)
        #expect(try story(store, job.id) == ["created 0", "started 1", "postponed 1"])
    }

    @Test(arguments: StoreKind.all) func eventsOutliveTheirJobsAndGoByAge(_ kind: StoreKind) throws {
        let store = try open(kind)
        _ = try store.add()
        try store.finish(store.take())
        try store.recordDisposal(id: 1, disposedSource: nil)
        #expect(try store.prune(finishedBefore: noon + 1, isTaken: { _, _ in false }) == 1)
        #expect(try store.events(after: 0, limit: 10).count == 3)
        #expect(try store.pruneEvents(before: Date() - 60) == 0)
        #expect(try store.pruneEvents(before: Date() + 60) == 3)
        #expect(try store.eventRange() == EventRange(first: nil, last: 3))
        // The ids go on.
        _ = try store.add()
        #expect(try store.eventRange() == EventRange(first: 4, last: 4))
    }

    @Test func aCursorReadsEachEventOnceAndReportsWhatIsMissing() throws {
        let store = try SQLiteJobStore(path: folder.database)
        for number in 1...5 { _ = try store.add("\(number).jpg", content: number) }
        var cursor = EventCursor(directory: folder.path, after: 0)
        #expect(try cursor.next(limit: 2).events.map(\.id) == [1, 2])
        #expect(try cursor.next(limit: 2).events.map(\.id) == [3, 4])
        let backup = try TemporaryFolder()
        #expect(FileManager.default.createFile(atPath: backup.database.string, contents: nil))
        _ = try DatabaseCopy.write(of: folder.path, into: backup.database)
        _ = try store.add("6.jpg", content: 6)
        #expect(try cursor.next().events.map(\.id) == [5, 6])
        #expect(try cursor.next().events.isEmpty)
        _ = try store.add("7.jpg", content: 7)
        _ = try store.pruneEvents(before: Date() + 60)
        _ = try store.add("8.jpg", content: 8)
        let late = try cursor.next()
        #expect(late.events.map(\.id) == [8] && late.gap == .deleted(7...7))
        // The queue comes back from an older backup.
        var restored = EventCursor(directory: backup.path, after: cursor.last)
        let first = try restored.next()
        #expect(first.events.isEmpty && first.gap == .restored(last: 5))
        _ = try SQLiteJobStore(path: backup.database).add("9.jpg", content: 9)
        #expect(try restored.next().events.map(\.id) == [6])
    }
}
