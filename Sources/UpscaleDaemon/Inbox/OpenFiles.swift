import CLinux
import Glibc
import LinuxSupport
import SystemPackage

/// Finds files that processes have open for writing, in `/proc/*/fd`. This needs the right to see a process's
/// descriptors, which a process has for those of its own user. So a file that is not found here may be open all the same.
struct OpenFiles {
    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// Seconds for which the result of one scan of `/proc` is used, for all files together.
    private static let validity = 1.0

    private var written: Set<Identity> = []
    private var scannedAt = -Double.infinity

    /// True if a process is known to have the file open for writing.
    ///
    /// - now: seconds of `Monotonic`.
    mutating func hasWriter(_ descriptor: FileDescriptor, now: Double) -> Bool {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else { return false }
        if now - scannedAt >= Self.validity {
            written = Self.scan()
            scannedAt = now
        }
        return written.contains(Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)))
    }

    private static func scan() -> Set<Identity> {
        var found: Set<Identity> = []
        forEachName(in: "/proc") { _, process in
            guard process.pointee >= CChar(bitPattern: UInt8(ascii: "1")),
                process.pointee <= CChar(bitPattern: UInt8(ascii: "9"))
            else { return }
            forEachName(in: "/proc/\(String(cString: process))/fd") { folder, name in
                var (device, inode): (UInt64, UInt64) = (0, 0)
                if clinux_is_written_file(folder, name, &device, &inode) != 0 {
                    found.insert(Identity(device: device, inode: inode))
                }
            }
        }
        return found
    }

    /// Calls `body` with the folder's descriptor and each name in it; does nothing if the folder cannot be read.
    private static func forEachName(in folder: String, _ body: (Int32, UnsafePointer<CChar>) -> Void) {
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
        while let record = readdir(directory) {
            body(dirfd(directory), (UnsafeRawPointer(record) + offset).assumingMemoryBound(to: CChar.self))
        }
    }
}
