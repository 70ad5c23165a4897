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
}
