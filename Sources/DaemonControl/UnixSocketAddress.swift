import Foundation
import SystemPackage

/// Addresses of Unix sockets, for client and server.
public enum UnixSocketAddress {
    /// The control socket of a state folder.
    public static func controlSocket(inState folder: FilePath) -> FilePath { folder.appending("control.sock") }

    /// `O_PATH`, which glibc defines only under `_GNU_SOURCE`. With it the folder must be searchable, but need not be
    /// readable.
    private static let pathOnly: Int32 = 0o10_000_000

    /// Calls `body` with the address of the socket at `path`.
    ///
    /// `sun_path` holds 107 bytes. A longer path is reached through a descriptor of its folder, `/proc/self/fd/N/name`,
    /// so the address is valid only inside `body`. Throws `Errno` if the folder of a long path cannot be opened.
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
