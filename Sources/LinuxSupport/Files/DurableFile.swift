import CLinux
import FaultInjection
import Glibc
import SystemPackage

/// File operations whose results survive a power cut, and renames that do not replace an existing file.
///
/// Every failure is thrown as a `FileError` with the system's error number. A failed fsync must never be tried again:
/// the kernel has dropped the unwritten pages, so a second fsync would report success.
public enum DurableFile {
    /// Copies from the source's offset to its end into an empty file; returns the hash and the size of the written
    /// bytes.
    ///
    /// The files share their blocks where the file system allows it (btrfs, XFS). Sharing is faster than copying, and
    /// the result is a snapshot of the source.
    ///
    /// - onChunk: called with the size of each copied piece in bytes; not called where blocks are shared.
    public static func copy(
        from source: FileDescriptor, to target: FileDescriptor, name: FilePath, onChunk: (Int) throws -> Void = { _ in }
    ) throws -> (sha256: String, size: Int64) {
        if clinux_clone(source.rawValue, target.rawValue) == 0 {
            let hash = try RegularFile.sha256(target, name: name)
            var status = stat()
            guard fstat(target.rawValue, &status) == 0 else { throw FileError.system("examined", name) }
            return (hash, Int64(status.st_size))
        }
        var hash = SHA256()
        var size: Int64 = 0
        try RegularFile.forEachChunk(of: source, name: name) { chunk in
            hash.update(chunk)
            size += Int64(chunk.count)
            do {
                try target.writeAll(chunk)
            } catch let error as Errno {
                throw FileError.system("copied", name, number: error.rawValue)
            }
            try onChunk(chunk.count)
        }
        return (hash.finish(), size)
    }

    /// Makes a file's content durable.
    public static func sync(_ descriptor: FileDescriptor, name: FilePath) throws {
        try sync(descriptor.rawValue, name: name) { _ in false }
    }

    /// Syncs a folder, so that its files' names survive a power cut.
    public static func syncFolder(_ folder: FilePath) throws {
        let descriptor = try openFolder(folder)
        defer { try? descriptor.close() }
        try syncFolder(descriptor.rawValue, name: folder)
    }

    static func syncFolder(_ descriptor: Int32, name: FilePath) throws {
        // Some file systems (FUSE, old NFS) do not support fsync of a folder. The names of their files count as durable
        // without it.
        try sync(descriptor, name: name) { $0 == EINVAL || $0 == ENOSYS }
    }

    /// Opens a folder, following symbolic links. It throws when the folder does not exist or its network share does not
    /// answer.
    static func openFolder(_ folder: FilePath) throws -> FileDescriptor {
        let descriptor = folder.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError.system("opened", folder) }
        return FileDescriptor(rawValue: descriptor)
    }

    private static func sync(_ descriptor: Int32, name: FilePath, isHarmless: (Int32) -> Bool) throws {
        if FaultPlan.injects(.skipSync) || fsync(descriptor) == 0 { return }
        let number = errno
        if isHarmless(number) { return }
        if FaultPlan.injects(.ignoreFailedSync), fsync(descriptor) == 0 { return }
        let error = FileError.system("made durable", name, number: number)
        // NFS, and file systems with quotas, report a full disk only at fsync. A full disk is not reported as
        // `notDurable`, because the caller discards the file and nothing relies on its content.
        throw error.isDiskFull ? error : FileError(.notDurable, error.message, systemError: number)
    }

    /// Creates a folder and its missing parents, durably; does nothing when the folder exists.
    public static func createFolder(_ folder: FilePath, permissions: mode_t = 0o777) throws {
        if folder.withPlatformString({ mkdir($0, permissions) }) == 0 {
            try syncFolder(folder.parentFolder)
            return
        }
        switch errno {
        case EEXIST:
            var status = stat()
            guard folder.withPlatformString({ stat($0, &status) }) == 0 else {
                throw FileError.system("examined", folder)
            }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw FileError(.inputOutput, "\(folder.escaped) is not a folder.", systemError: ENOTDIR)
            }
        case ENOENT where folder.lastComponent != nil && !folder.removingLastComponent().isEmpty:
            try createFolder(folder.removingLastComponent(), permissions: permissions)
            if folder.withPlatformString({ mkdir($0, permissions) }) != 0, errno != EEXIST {
                throw FileError.system("created", folder)
            }
            try syncFolder(folder.parentFolder)
        default:
            throw FileError.system("created", folder)
        }
    }

    /// Creates a folder durably if its parent exists and the folder does not; otherwise does nothing.
    public static func createFolderInExistingParent(_ folder: FilePath) throws {
        if folder.withPlatformString({ mkdir($0, 0o777) }) == 0 {
            try syncFolder(folder.parentFolder)
        } else {
            let number = errno
            // A folder in a read-only file system exists nevertheless.
            if number == EEXIST || number == ENOENT || number == ENOTDIR || isFolder(folder) { return }
            throw FileError.system("created", folder, number: number)
        }
    }

    private static func isFolder(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Gives a file another name in the same file system; a file that has this name already is replaced.
    static func rename(_ from: FilePath, to target: FilePath) throws {
        try NameInFolder(from).rename(to: NameInFolder(target))
    }

    /// Gives a file another name in the same file system.
    ///
    /// - Returns: false when the new name is taken.
    public static func renameWithoutReplacing(_ from: FilePath, to target: FilePath) throws -> Bool {
        try NameInFolder(from).renameWithoutReplacing(to: NameInFolder(target))
    }

    /// Removes a file; does nothing when it does not exist.
    public static func remove(_ path: FilePath) throws { try NameInFolder(path).remove() }

    /// Creates a new file, open for reading and writing; throws when the name is taken.
    public static func create(_ path: FilePath, permissions: FilePermissions) throws -> FileDescriptor {
        try NameInFolder(path).create(permissions: permissions)
    }
}
