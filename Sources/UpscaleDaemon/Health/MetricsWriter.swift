import Glibc
import LinuxSupport
import SystemPackage

/// Writes the metrics file atomically: a reader sees the old file or the new one, never an incomplete file.
struct MetricsWriter {
    /// Replaces the file.
    static func write(_ text: String, to file: FilePath) throws {
        guard let name = file.lastComponent else { return }
        let folder = file.removingLastComponent()
        try DurableFile.createFolder(folder)
        // The temporary name must not end in .prom: a collector that reads *.prom files would read the unfinished file.
        let temporary = folder.appending(".\(name.string).\(getpid())")
        try DurableFile.remove(temporary)
        try AtomicFile.write(
            text.utf8, to: file, temporary: temporary, permissions: [.ownerReadWrite, .groupRead, .otherRead],
            durability: .none)
    }
}
