import Glibc
import SystemPackage

/// The free space on a file system that this user may fill.
public enum FreeSpace {
    /// The free bytes of the file system that holds a folder; nil when the system cannot report them. The folder need
    /// not exist yet.
    public static func bytes(at folder: FilePath) -> Int64? {
        var status = statvfs()
        guard folder.resolvingExistingPart.withPlatformString({ statvfs($0, &status) }) == 0 else { return nil }
        // A network file system may report a size that does not fit 64 bits.
        let (bytes, overflows) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflows ? .max : Int64(clamping: bytes)
    }
}
