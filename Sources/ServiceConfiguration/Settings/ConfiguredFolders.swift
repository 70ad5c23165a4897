import Glibc
import LinuxSupport
import SystemPackage

/// Opens the folders that the service reads and writes: the configured inboxes, outboxes, archives and folders for
/// failed originals, and everything below them.
///
/// A configured folder itself may be a symbolic link, because the administrator chose it. Below it no symbolic link is
/// followed, because people who may write into these folders can replace a folder by a link at any time. A folder below
/// none of the configured ones (a job may name the outbox of an inbox that was removed from the configuration) is
/// reached without any symbolic link, from `/`.
package struct ConfiguredFolders: Sendable {
    /// The configured folders, the longest path first: of two nested folders the inner one is the root.
    private let roots: [FilePath]
    /// Folders with the service's own files. Nothing may be moved into them, whatever the folders above are.
    private let forbidden: [FilePath]
    /// The mount points of `require_mount`. A configured folder below one of them is used only while a file system is
    /// mounted there: otherwise images would be written into the empty mount point, on the system's disk.
    private let mountPoints: Set<FilePath>

    /// Collects the folders of a configuration; opens nothing.
    package init(_ configuration: Configuration) {
        let folders = configuration.inboxes.flatMap { [$0.path, $0.outbox, $0.archive, $0.failed] }
        roots = Set(folders).sorted { $0.length > $1.length }
        let state = configuration.stateFolder
        forbidden = [state, state.appending("spool"), state.appending("models")]
        mountPoints = Set(
            configuration.inboxes.compactMap { inbox in
                if case .at(let point) = inbox.requiredMount { point } else { nil }
            })
    }

    /// Opens an existing folder.
    ///
    /// - Throws: `FileError` with the code `folderUnavailable` when the configured folder above does not exist;
    ///   with the system error ENOENT or ENOTDIR when a folder below it does not exist; with ELOOP for a symbolic link.
    package func open(_ folder: FilePath) throws -> OpenFolder {
        let (root, relative) = split(folder)
        return try checked(open(root: root).folder(relative))
    }

    /// Opens an existing folder; nil when a folder below the configured one does not exist.
    ///
    /// - Throws: `FileError`, also when the configured folder itself does not exist: it may be on a file system that is
    ///   not mounted.
    package func openIfPresent(_ folder: FilePath) throws -> OpenFolder? {
        do {
            return try open(folder)
        } catch let error as FileError where error.systemError == ENOENT || error.systemError == ENOTDIR {
            if error.code == .folderUnavailable { throw error }
            return nil
        }
    }

    /// Opens a folder; creates it and its missing parents durably, but never the parent of a configured folder.
    package func create(_ folder: FilePath) throws -> OpenFolder {
        let (root, relative) = split(folder)
        try requireMount(of: root)
        try DurableFile.createFolderInExistingParent(root)
        return try checked(open(root: root).creatingFolder(relative))
    }

    /// The entry of a file in its existing folder; nil when the folder does not exist.
    package func entry(_ file: FilePath) throws -> FolderEntry? {
        guard let name = file.lastComponent else { return nil }
        return try openIfPresent(file.removingLastComponent())?.entry(name)
    }

    /// Opens a regular file for reading. A file below none of the configured folders is one that a person named; its
    /// path is used as it is.
    package func openFile(_ file: FilePath) throws -> FileDescriptor {
        guard root(of: file) != nil else { return try RegularFile.open(file) }
        guard let entry = try entry(file) else { throw FileError.system("opened", file, number: ENOENT) }
        return try entry.open()
    }

    /// The configured folder that is a folder or contains it; nil if there is none.
    package func root(of folder: FilePath) -> FilePath? { roots.first { folder.starts(with: $0) } }

    private func split(_ folder: FilePath) -> (root: FilePath, relative: FilePath) {
        let root = root(of: folder) ?? "/"
        var relative = folder
        _ = relative.removePrefix(root)
        return (root, relative)
    }

    /// Throws a `FileError` with the code `folderUnavailable` if the folder lies below a mount point of `require_mount`
    /// at which no file system is mounted.
    package func requireMount(of folder: FilePath) throws {
        for point in mountPoints where folder.starts(with: point) {
            guard try InboxConfiguration.RequiredMount.isMounted(at: point) else {
                throw FileError(
                    .folderUnavailable,
                    "The folder \(folder.escaped) is not used, because no file system is mounted at \(point.escaped) (require_mount)."
                )
            }
        }
    }

    private func open(root: FilePath) throws -> OpenFolder {
        try requireMount(of: root)
        do {
            return try OpenFolder(trusting: root)
        } catch let error as FileError where error.systemError == ENOENT || error.systemError == ENOTDIR {
            let problem =
                error.systemError == ENOENT
                ? "does not exist; perhaps its file system is not mounted" : "is not a folder"
            throw FileError(
                .folderUnavailable, "The folder \(root.escaped) \(problem).", systemError: error.systemError)
        }
    }

    private func checked(_ folder: OpenFolder) throws -> OpenFolder {
        guard !forbidden.contains(where: folder.isSame) else {
            throw FileError(
                .inputOutput, "\(folder.path.escaped) is the state folder, or a part of it; no image is put there.",
                systemError: EACCES)
        }
        return folder
    }
}
