import Foundation
import LinuxSupport
import SystemPackage

extension FilePath {
    /// The path's bytes as the database stores them.
    var blob: Data { Data(bytes) }

    /// Reads a path from the database; its bytes contain no NUL.
    init(blob: Data) { self.init(bytes: blob) }
}
