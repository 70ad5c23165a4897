import Glibc
import LinuxSupport
import Synchronization
import SystemPackage

/// The folder of private copies. Workers read these copies instead of the originals, so that an image cannot change
/// while it is upscaled.
package final class Spool: Sendable {
    /// A private copy.
    package struct Copy: Sendable {
        /// The copy's path.
        package let path: FilePath
        /// The SHA-256 of the copy's bytes, lower-case hexadecimal.
        package let sha256: String
        /// The copy's size, bytes.
        package let size: Int64
    }

    /// `STATE/spool`.
    package let folder: FilePath
    private let prefix = String(UInt64.random(in: .min ... .max), radix: 16)
    private let counter = Mutex(0)

    /// Creates the object; `prepare` creates the folder.
    package init(stateFolder: FilePath) {
        folder = stateFolder.appending("spool")
    }

    /// Creates the folder. Only this service's user may read it.
    package func prepare() throws { try DurableFile.createFolder(folder, permissions: 0o700) }

    /// Copies a file durably, from the descriptor's offset to the end of the file.
    ///
    /// - name: the file's path, for messages.
    /// - Throws: `FileError`; no copy is left then.
    package func store(_ source: FileDescriptor, name: FilePath) throws -> Copy {
        let number = counter.withLock { value in
            value += 1
            return value
        }
        let path = folder.appending("\(prefix).\(number)")
        let target = try DurableFile.create(path, permissions: [.ownerReadWrite])
        do {
            defer { try? target.close() }
            let (sha256, size) = try DurableFile.copy(from: source, to: target, name: name)
            try DurableFile.sync(target, name: path)
            try DurableFile.syncFolder(folder)
            return Copy(path: path, sha256: sha256, size: size)
        } catch {
            remove(path)
            throw error
        }
    }

    /// Removes a copy that no job needs; does nothing for a path that is not in the folder. If a copy cannot be
    /// removed, the next start of the service removes it.
    package func remove(_ path: FilePath) {
        guard path.removingLastComponent() == folder else { return }
        try? DurableFile.remove(path)
    }

    /// Removes the copies that no job needs, and returns how many.
    package func removeOrphans(inUse: Set<FilePath>) -> Int {
        var removed = 0
        for path in FolderListing.files(in: folder) where !inUse.contains(path) {
            if path.withPlatformString({ unlink($0) }) == 0 { removed += 1 }
        }
        return removed
    }
}
