import Glibc
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Writes a copy of the queue's database. The copy gets its name only when it is complete and durable.
package enum QueueBackup {
    /// Describes the copy that was written.
    package struct Summary: Sendable, Equatable {
        /// The copy's absolute path.
        package let file: FilePath
        /// The copy's size, bytes.
        package let bytes: Int64
        /// The number of jobs in the copy.
        package let jobs: Int
        /// The schema's version.
        package let schemaVersion: Int
    }

    /// The reason why no copy is made. No existing file was changed.
    package struct Refusal: Error, CustomStringConvertible {
        /// One full sentence.
        package let description: String
    }

    /// Copies the database of `stateFolder` to a temporary file beside `file`, syncs the copy, renames it to `file` and
    /// syncs the folder.
    ///
    /// - file: absolute, outside of the state folder.
    /// - replacing: true to replace an existing file.
    /// - Throws: `Refusal`, `JobStoreError`, `FileError`; no temporary file is left then.
    package static func write(of stateFolder: FilePath, to file: FilePath, replacing: Bool) throws -> Summary {
        guard file.lastComponent != nil else { throw Refusal(description: "\(file.escaped) is not a file name.") }
        let folder = file.removingLastComponent()
        guard !MountTable.current().isInside(folder.resolvingExistingPart, stateFolder.resolvingExistingPart) else {
            throw Refusal(
                description: "\(file.escaped) is in the state folder, where a backup could replace a file in use.")
        }
        var status = stat()
        if file.withPlatformString({ lstat($0, &status) }) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw Refusal(description: "\(file.escaped) exists and is not a regular file.")
            }
            guard replacing else { throw Self.taken(file) }
        }
        let temporary = folder.appending(
            ".srgan-backup-\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 16))")
        // Other users must not read the copy: it contains the names of people's files.
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
        Refusal(description: "\(file.escaped) exists already; --force replaces it.")
    }
}
