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
        // Some file systems (FUSE, old NFS) do not support fsync of a folder. The names of their files count as durable
        // without it.
        try sync(descriptor.rawValue, name: folder) { $0 == EINVAL || $0 == ENOSYS }
    }

    /// Like `syncFolder`, but does nothing when the folder no longer exists.
    public static func syncFolderIfPresent(_ folder: FilePath) throws {
        if try FileStamp.existing(folder) != nil { try syncFolder(folder) }
    }

    /// Opens a folder. It throws when the folder does not exist or its network share does not answer.
    public static func openFolder(_ folder: FilePath) throws -> FileDescriptor {
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

    /// Gives a file another name in the same file system; a file that has this name already is replaced.
    public static func rename(_ from: FilePath, to target: FilePath) throws {
        let number: Int32 = from.withPlatformString { from in
            target.withPlatformString { Glibc.rename(from, $0) == 0 ? 0 : errno }
        }
        guard number == 0 else { throw FileError.system("renamed to \(target.escaped)", from, number: number) }
    }

    /// Gives a file another name in the same file system.
    ///
    /// - Returns: false when the new name is taken.
    public static func renameWithoutReplacing(_ from: FilePath, to target: FilePath) throws -> Bool {
        if FaultPlan.injects(.replaceOnRename) {
            return from.withPlatformString { from in target.withPlatformString { Glibc.rename(from, $0) == 0 } }
        }
        let number: Int32 = from.withPlatformString { from in
            target.withPlatformString { clinux_rename_noreplace(from, $0) == 0 ? 0 : errno }
        }
        switch number {
        case 0: return true
        case EEXIST: return false
        case EINVAL, ENOSYS: return try linkAndUnlink(from, to: target)
        default: throw FileError.system("renamed to \(target.escaped)", from, number: number)
        }
    }

    /// Renames a file on file systems without RENAME_NOREPLACE (NFS). It creates a hard link, which never replaces a
    /// file, and removes the old name.
    private static func linkAndUnlink(_ from: FilePath, to target: FilePath) throws -> Bool {
        let number: Int32 = from.withPlatformString { from in
            target.withPlatformString { link(from, $0) == 0 ? 0 : errno }
        }
        switch number {
        case 0:
            guard from.withPlatformString({ unlink($0) }) == 0 else { throw FileError.system("removed", from) }
            return true
        case EEXIST: return false
        case EPERM, EOPNOTSUPP:
            // FAT over FUSE has neither RENAME_NOREPLACE nor hard links. This check leaves a short time in which
            // another process can take the name.
            guard try FileStamp.existing(target) == nil else { return false }
            try rename(from, to: target)
            return true
        default: throw FileError.system("renamed to \(target.escaped)", from, number: number)
        }
    }

    /// Removes a file; does nothing when it does not exist.
    public static func remove(_ path: FilePath) throws {
        guard path.withPlatformString({ unlink($0) }) == 0 || errno == ENOENT else {
            throw FileError.system("removed", path)
        }
    }

    /// Creates a new file, open for reading and writing; throws when the name is taken.
    public static func create(_ path: FilePath, permissions: FilePermissions) throws -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: permissions)
        } catch let error as Errno {
            throw FileError.system("created", path, number: error.rawValue)
        }
    }
}
