import Glibc
import SystemPackage

/// How much room a file system has for this user.
enum FreeSpace {
    /// Nil when nobody can tell.
    static func bytes(at folder: FilePath) -> Int64? {
        var status = statvfs()
        guard folder.resolvingExistingPart.withPlatformString({ statvfs($0, &status) }) == 0 else { return nil }
        // A network's file system may claim more than there is in the world.
        let (bytes, overflows) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflows ? .max : Int64(clamping: bytes)
    }
}
