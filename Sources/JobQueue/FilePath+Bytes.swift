import Foundation
import SystemPackage

extension FilePath {
    /// The path as the kernel sees it, without the closing NUL.
    var bytes: Data { withPlatformString { Data(bytes: $0, count: strlen($0)) } }

    /// Reads a path from its bytes, which contain no NUL.
    init(bytes: Data) {
        self = (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
            FilePath(platformString: $0.baseAddress!)
        }
    }
}
