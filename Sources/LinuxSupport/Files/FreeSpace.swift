import Glibc
import SystemPackage

/// The room that a file system has for this user.
public enum FreeSpace {
    /// Bytes at the folder, which need not exist yet; nil when the system cannot tell.
    public static func bytes(at folder: FilePath) -> Int64? {
        var status = statvfs()
        guard folder.resolvingExistingPart.withPlatformString({ statvfs($0, &status) }) == 0 else { return nil }
        // A network file system may report more than 64 bits hold.
        let (bytes, overflows) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflows ? .max : Int64(clamping: bytes)
    }
}
