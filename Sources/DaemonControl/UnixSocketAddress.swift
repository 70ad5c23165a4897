import Foundation
import SystemPackage

/// Addresses of Unix sockets, for client and server.
public enum UnixSocketAddress {
    /// The control socket of a state folder.
    public static func controlSocket(inState folder: FilePath) -> FilePath { folder.appending("control.sock") }

    /// The value of `O_PATH`, which glibc defines only under `_GNU_SOURCE`. With this flag, opening a folder needs only
    /// the permission to search it, not to read it.
    private static let pathOnly: Int32 = 0o10_000_000

    /// Calls `body` with the address of the socket at `path`.
    ///
    /// An address holds a path of at most 107 bytes (`sun_path`). For a longer path, the folder is opened and the
    /// address is `/proc/self/fd/N/name`, so it is valid only inside `body`. Throws `Errno` if that folder cannot be
    /// opened.
    public static func withAddress<Result>(
        of path: FilePath, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
    ) throws -> Result {
        let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
        if path.length <= limit {
            return try call(body, with: path)
        }
        guard let name = path.lastComponent else { throw Errno.invalidArgument }
        let folder = path.removingLastComponent().withPlatformString { open($0, pathOnly | O_DIRECTORY | O_CLOEXEC) }
        guard folder >= 0 else { throw Errno(rawValue: errno) }
        defer { close(folder) }
        let short = FilePath("/proc/self/fd/\(folder)").appending(name)
        guard short.length <= limit else { throw Errno.fileNameTooLong }
        return try call(body, with: short)
    }

    private static func call<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result, with path: FilePath
    ) throws -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        path.withPlatformString { source in
            withUnsafeMutableBytes(of: &address.sun_path) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: path.length))
            }
        }
        return try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
