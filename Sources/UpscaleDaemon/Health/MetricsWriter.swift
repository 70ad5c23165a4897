import Glibc
import SystemPackage

/// Writes the metrics file atomically: a reader sees the old file or the new one, never a part.
struct MetricsWriter {
    /// Replaces the file.
    static func write(_ text: String, to file: FilePath) throws {
        guard let name = file.lastComponent else { return }
        let folder = file.removingLastComponent()
        try DurableFile.createFolder(folder)
        // Not *.prom: the collector would read it.
        let temporary = folder.appending(".\(name.string).\(getpid())")
        try DurableFile.remove(temporary)
        let descriptor = try DurableFile.create(temporary, permissions: [.ownerReadWrite, .groupRead, .otherRead])
        defer { try? descriptor.close() }
        do {
            try descriptor.writeAll(Array(text.utf8))
            let replaced = temporary.withPlatformString { from in file.withPlatformString { rename(from, $0) } }
            guard replaced == 0 else { throw DurableFile.failure("renamed", temporary) }
        } catch {
            try? DurableFile.remove(temporary)
            throw error
        }
    }
}
