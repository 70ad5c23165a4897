import Glibc
import JobQueue
import LinuxSupport
import SystemPackage

/// Writes a copy of the queue's database under a name that it has only when it is whole and durable.
public enum QueueBackup {
    /// What was written.
    public struct Summary: Sendable, Equatable {
        /// Where, absolute.
        public let file: FilePath
        /// The file's size.
        public let bytes: Int64
        /// Rows of the history.
        public let jobs: Int
        /// The schema's version.
        public let schemaVersion: Int
    }

    /// Why no copy is made; said before anything is touched.
    public struct Refusal: Error, CustomStringConvertible {
        /// One full sentence.
        public let description: String
    }

    /// Copies the database of `stateFolder`: temporary file beside `file`, fsync, rename, fsync of the folder.
    ///
    /// - file: absolute, outside of the state folder.
    /// - replacing: whether a file of this name may go.
    /// - Throws: `Refusal`, `JobStoreError`, `FileError`; no temporary file is left then.
    public static func write(of stateFolder: FilePath, to file: FilePath, replacing: Bool) throws -> Summary {
        guard file.lastComponent != nil else { throw Refusal(description: "\(file.escaped) is no name of a file.") }
        let folder = file.removingLastComponent()
        guard !MountTable.current().isInside(folder.resolvingExistingPart, stateFolder.resolvingExistingPart) else {
            throw Refusal(
                description: "\(file.escaped) lies in the state folder, where a backup could take a live file's place.")
        }
        var status = stat()
        if file.withPlatformString({ lstat($0, &status) }) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw Refusal(description: "\(file.escaped) is there and no regular file.")
            }
            guard replacing else { throw Self.taken(file) }
        }
        let temporary = folder.appending(
            ".srgan-backup-\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 16))")
        // The names of other people's files are in it.
        let permissions: FilePermissions = [.ownerReadWrite, .groupRead]
        do {
            let summary = try AtomicFile.write(
                to: file, temporary: temporary, permissions: permissions, replacing: replacing
            ) { descriptor in
                let copy = try DatabaseCopy.write(of: stateFolder, into: temporary)
                guard fstat(descriptor.rawValue, &status) == 0 else { throw FileError.system("examined", file) }
                return Summary(
                    file: file, bytes: Int64(status.st_size), jobs: copy.jobs, schemaVersion: copy.schemaVersion)
            }
            guard let summary else { throw Self.taken(file) }
            return summary
        } catch {
            try? DurableFile.remove(
                temporary.removingLastComponent().appending("\(temporary.lastComponent!.string)-journal"))
            throw error
        }
    }

    private static func taken(_ file: FilePath) -> Refusal {
        Refusal(description: "\(file.escaped) is there already; --force replaces it.")
    }
}
