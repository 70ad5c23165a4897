import Glibc
import SystemPackage

/// Files that are there as a whole or not at all.
enum AtomicFile {
    /// Writes beside the target, makes sure that the bytes are on the disk, and renames.
    static func write(_ bytes: [UInt8], to path: FilePath) throws(TrainingError) {
        let temporary = FilePath(path.string + ".part")
        do {
            let file = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .truncate],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            try file.closeAfter {
                try file.writeAll(bytes)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            let renamed = temporary.withPlatformString { old in path.withPlatformString { rename(old, $0) } }
            guard renamed == 0 else { throw Errno(rawValue: errno) }
            let folder = try FileDescriptor.open(path.removingLastComponent(), .readOnly)
            try folder.closeAfter {
                guard fsync(folder.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch {
            _ = temporary.withPlatformString { unlink($0) }
            throw TrainingError(.outputFailed, "\(path) cannot be written: \(error)", cause: error)
        }
    }
}
