import Foundation
import LinuxSupport
import SystemPackage

extension FilePath {
    /// The path's bytes as the database stores them.
    var blob: Data { Data(bytes) }

    /// Reads a path from the database; its bytes contain no NUL.
    init(blob: Data) {
        // One copy, because a long listing reads several paths for each job.
        self = withUnsafeTemporaryAllocation(of: CInterop.PlatformChar.self, capacity: blob.count + 1) { text in
            _ = blob.copyBytes(to: text)
            text[blob.count] = 0
            return FilePath(platformString: text.baseAddress!)
        }
    }
}
