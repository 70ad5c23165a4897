import LinuxSupport
import SystemPackage
import Testing

@testable import UpscaleDaemon

@Suite struct FileStabilityTrackerTests {
    private let path: FilePath = "/in/a.jpg"

    private func stamp(size: Int64 = 1, modified: Int64 = 1, changed: Int64 = 1, inode: UInt64 = 1) -> FileStamp {
        FileStamp(inode: inode, size: size, modified: modified, changed: changed)
    }

    /// A tracker that observes the path with a settle time of 5 seconds. `#expect` cannot call mutating functions.
    private final class Tracked {
        var tracker = FileStabilityTracker()

        func observe(
            _ stamp: FileStamp, _ arrival: InboxHints.Arrival = .seen, settle: Double = 5, at now: Double
        ) -> FileStabilityTracker.Verdict {
            tracker.observe("/in/a.jpg", stamp: stamp, arrival: arrival, settle: settle, now: now)
        }
    }

    @Test func aFileIsTakenAfterItsSettleTime() {
        let tracked = Tracked()
        #expect(tracked.observe(stamp(), at: 100) == .wait(until: 105))
        #expect(tracked.observe(stamp(), at: 104.9) == .wait(until: 105))
        #expect(tracked.tracker.nextDue == 105)
        #expect(tracked.tracker.due(now: 104.9) == [])
        #expect(tracked.tracker.due(now: 105) == [path])
        #expect(tracked.observe(stamp(), at: 105) == .settled)
        tracked.tracker.forget(path)
        #expect(tracked.tracker.count == 0)
    }

    @Test func everyChangeRestartsTheWait() {
        let tracked = Tracked()
        var now = 0.0
        _ = tracked.observe(stamp(), at: now)
        for changed in [
            stamp(size: 2), stamp(size: 2, modified: 2), stamp(size: 2, modified: 2, changed: 2),
            stamp(size: 2, modified: 2, changed: 2, inode: 2),
        ] {
            now += 4
            #expect(tracked.observe(changed, at: now) == .wait(until: now + 5))
        }
    }

    @Test func aFileRenamedIntoPlaceIsSettledAtOnce() {
        let tracked = Tracked()
        #expect(tracked.observe(stamp(), .renamed, at: 0) == .settled)
    }

    @Test func withoutASettleTimeOnlyAClosedFileIsSettledAtOnce() {
        let tracked = Tracked()
        #expect(tracked.observe(stamp(), settle: 0, at: 0) == .wait(until: 1))
        #expect(tracked.observe(stamp(), .created, settle: 0, at: 0.5) == .wait(until: 1))
        #expect(tracked.observe(stamp(), .closed, settle: 0, at: 0.5) == .settled)
    }

    @Test func aChangeAfterTheCloseIsTheWorkOfAnotherWriter() {
        let tracked = Tracked()
        func writer(_ stamp: FileStamp, _ arrival: InboxHints.Arrival) -> FileStabilityTracker.Writer? {
            _ = tracked.observe(stamp, arrival, at: 0)
            return tracked.tracker.observation(of: path)?.writer
        }
        #expect(writer(stamp(), .seen) == .unknown)
        #expect(writer(stamp(), .created) == .open)
        #expect(writer(stamp(size: 2), .seen) == .open)
        #expect(writer(stamp(size: 2), .closed) == .closed)
        // Only the attributes changed.
        #expect(writer(stamp(size: 2, changed: 2), .seen) == .closed)
        #expect(writer(stamp(size: 3, changed: 3), .seen) == .unknown)
        #expect(writer(stamp(size: 3, changed: 3), .closed) == .closed)
        tracked.tracker.forgetWriters()
        #expect(tracked.tracker.observation(of: path)?.writer == .unknown)
    }

    @Test func aPostponedFileIsLeftAloneUntilItChangesOrIsClosed() {
        for (changed, arrival) in [(stamp(size: 2), InboxHints.Arrival.seen), (stamp(), .closed), (stamp(), .renamed)] {
            let tracked = Tracked()
            _ = tracked.observe(stamp(), at: 0)
            tracked.tracker.postpone(path, stamp: stamp(), until: 100)
            #expect(tracked.observe(stamp(), at: 50) == .wait(until: 100))
            #expect(tracked.tracker.nextDue == 100)
            let settles = arrival != .seen
            #expect(tracked.observe(changed, arrival, at: 60) == (settles ? .settled : .wait(until: 65)))
        }
    }

    @Test func eachFileHasItsOwnWait() {
        var tracker = FileStabilityTracker()
        _ = tracker.observe("/in/b", stamp: stamp(), arrival: .seen, settle: 5, now: 0)
        _ = tracker.observe("/in/a", stamp: stamp(), arrival: .seen, settle: 5, now: 1)
        #expect(tracker.due(now: 10) == ["/in/b", "/in/a"])
        tracker.forget("/in/b")
        #expect(tracker.nextDue == 6)
        tracker.keepOnly([])
        #expect(tracker.count == 0)
    }
}
