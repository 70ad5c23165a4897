import Glibc
import SystemPackage

/// The free space on a file system that this user may fill.
public enum FreeSpace {
    /// The free bytes of the file system that holds a folder; nil when the system cannot report them. The folder need
    /// not exist yet.
    public static func bytes(at folder: FilePath) -> Int64? {
        guard let status = status(of: folder) else { return nil }
        // A network file system may report a size that does not fit 64 bits.
        let (bytes, overflows) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflows ? .max : Int64(clamping: bytes)
    }

    /// How many more files the file system that holds a folder can have; nil when it has no such limit or the system
    /// cannot report it. Without free inodes, creating a file fails with ENOSPC whatever the free bytes are.
    public static func inodes(at folder: FilePath) -> Int64? {
        guard let status = status(of: folder), status.f_files > 0 else { return nil }
        return Int64(clamping: status.f_favail)
    }

    /// The free space at a folder in words, for messages: "12.3 MB free in /out".
    public static func text(at folder: FilePath) -> String {
        let free = bytes(at: folder).map(megabytes) ?? "an unknown space"
        return inodes(at: folder) == 0
            ? "\(free) but no inode free in \(folder.escaped)" : "\(free) free in \(folder.escaped)"
    }

    /// A size in megabytes, for messages: "12.3 MB".
    public static func megabytes(_ bytes: Int64) -> String { "\(Double(bytes / 100_000) / 10) MB" }

    private static func status(of folder: FilePath) -> statvfs? {
        var status = statvfs()
        let isKnown = folder.resolvingExistingPart.withPlatformString { statvfs($0, &status) } == 0
        return isKnown ? status : nil
    }
}
