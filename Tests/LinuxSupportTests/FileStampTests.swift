import Foundation
import Testing

@testable import LinuxSupport

@Suite struct FileStampTests {
    /// Any user can give a file such a time.
    @Test(arguments: [10_413_792_000, .max, .min]) func timesBeyondNanosecondsAreOnlyStamps(_ seconds: Int) {
        var status = stat()
        status.st_mtim = timespec(tv_sec: seconds, tv_nsec: 999_999_999)
        let stamp = FileStamp(status)
        #expect(stamp == FileStamp(status))
        status.st_mtim.tv_sec ^= 1
        #expect(stamp != FileStamp(status))
    }

    @Test func aChangedContentIsRecognisedAfterAMove() {
        func stamp(_ inode: UInt64, _ size: Int64, _ modified: Int64, _ changed: Int64 = 0) -> FileStamp {
            FileStamp(inode: inode, size: size, modified: modified, changed: changed)
        }
        let old = stamp(1, 10, 5_000_000_001)
        #expect(!old.hasOtherContent(than: old.word))
        #expect(!stamp(1, 10, 5_000_000_001, 9).hasOtherContent(than: old.word))
        #expect(stamp(1, 10, 5_000_000_002).hasOtherContent(than: old.word))
        #expect(stamp(1, 11, 5_000_000_001).hasOtherContent(than: old.word))
        // A copy on FAT has a rounded time.
        #expect(!stamp(2, 10, 6_000_000_000).hasOtherContent(than: old.word))
        #expect(!stamp(2, 10, 4_000_000_000).hasOtherContent(than: old.word))
        #expect(stamp(2, 10, 8_000_000_000).hasOtherContent(than: old.word))
        #expect(!old.hasOtherContent(than: "not a stamp"))
    }
}
