import Glibc
import LinuxSupport
import SystemPackage

/// Writes the metrics file atomically: a reader sees the old file or the new one, never an incomplete file.
struct MetricsWriter {
    /// The first words of every metrics file.
    private static let beginning = "# HELP srgan_"

    /// Replaces the file.
    ///
    /// - Throws: `FileError`, also when another program's file has this name.
    static func write(_ text: String, to file: FilePath) throws {
        guard let name = file.lastComponent else { return }
        let folder = file.removingLastComponent()
        if try FileStamp.existing(file) != nil {
            let text = try RegularFile.read(file, limit: 1 << 24)
            guard text.isEmpty || text.starts(with: beginning.utf8) else {
                throw FileError(
                    .inputOutput,
                    "\(file.escaped) was not written by this service and is not replaced; remove it, or name another metrics.file."
                )
            }
        }
        try DurableFile.createFolder(folder)
        // The temporary name must not end in .prom: a collector that reads *.prom files would read the unfinished file.
        let temporary = folder.appending(".\(name.string).\(getpid())")
        try DurableFile.remove(temporary)
        try AtomicFile.write(
            text.utf8, to: file, temporary: temporary, permissions: [.ownerReadWrite, .groupRead, .otherRead],
            durability: .none)
    }
}
