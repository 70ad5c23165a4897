import LinuxSupport
import SystemPackage
import Testing

@testable import UpscaleDaemon

@Suite struct FileStabilityTrackerTests {
    private let path: FilePath = "/in/a.jpg"

    private func stamp(size: Int64 = 1, modified: Int64 = 1, changed: Int64 = 1, inode: UInt64 = 1) -> FileStamp {
        FileStamp(inode: inode, size: size, modified: modified, changed: changed)
    }

    @Test func aFileIsTakenAfterItsSettleTime() {
        var tracker = FileStabilityTracker()
        #expect(tracker.observe(path, stamp: stamp(), renamed: false, settle: 5, now: 100) == .wait(until: 105))
        #expect(tracker.observe(path, stamp: stamp(), renamed: false, settle: 5, now: 104.9) == .wait(until: 105))
        #expect(tracker.nextDue == 105)
        #expect(tracker.due(now: 104.9) == [])
        #expect(tracker.due(now: 105) == [path])
        #expect(tracker.observe(path, stamp: stamp(), renamed: false, settle: 5, now: 105) == .settled)
        #expect(tracker.count == 0)
    }

    @Test func everyChangeRestartsTheWait() {
        var tracker = FileStabilityTracker()
        var now = 0.0
        _ = tracker.observe(path, stamp: stamp(), renamed: false, settle: 5, now: now)
        for changed in [
            stamp(size: 2), stamp(size: 2, modified: 2), stamp(size: 2, modified: 2, changed: 2),
            stamp(size: 2, modified: 2, changed: 2, inode: 2),
        ] {
            now += 4
            #expect(tracker.observe(path, stamp: changed, renamed: false, settle: 5, now: now) == .wait(until: now + 5))
        }
    }

    @Test func aFileRenamedIntoPlaceIsTakenAtOnce() {
        var tracker = FileStabilityTracker()
        #expect(tracker.observe(path, stamp: stamp(), renamed: true, settle: 5, now: 0) == .settled)
    }

    @Test func withoutAWaitFilesAreTakenAtOnce() {
        var tracker = FileStabilityTracker()
        #expect(tracker.observe(path, stamp: stamp(), renamed: false, settle: 0, now: 0) == .settled)
    }

    @Test func eachFileHasItsOwnWait() {
        var tracker = FileStabilityTracker()
        _ = tracker.observe("/in/b", stamp: stamp(), renamed: false, settle: 5, now: 0)
        _ = tracker.observe("/in/a", stamp: stamp(), renamed: false, settle: 5, now: 1)
        #expect(tracker.due(now: 10) == ["/in/b", "/in/a"])
        tracker.forget("/in/b")
        #expect(tracker.nextDue == 6)
    }
}
