import CLinux
import Glibc
import JobQueue
import LinuxSupport
import SystemPackage

/// Writes that survive a power cut, and renames that replace nothing. Every failure is thrown as a `DaemonError` with
/// the system's number. A failed fsync must never be tried again: the kernel has dropped the pages and would report
/// success.
enum DurableFile {
    /// Copies from one descriptor's offset to the end into an empty file; returns hash and size of what was written.
    ///
    /// Blocks are shared where the file system can (btrfs, XFS): that is quicker, and a snapshot.
    ///
    /// - onChunk: called with the size of each piece that was copied, in bytes; not where blocks are shared.
    static func copy(
        from source: FileDescriptor, to target: FileDescriptor, name: FilePath, onChunk: (Int) throws -> Void = { _ in }
    ) throws -> (sha256: String, size: Int64) {
        if clinux_clone(source.rawValue, target.rawValue) == 0 {
            let hash = try RegularFile.sha256(target, name: name)
            var status = stat()
            guard fstat(target.rawValue, &status) == 0 else { throw failure("examined", name) }
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
                throw failure("copied", name, number: error.rawValue)
            }
            try onChunk(chunk.count)
        }
        return (hash.finish(), size)
    }

    /// Makes a file's content durable.
    static func sync(_ descriptor: FileDescriptor, name: FilePath) throws {
        try sync(descriptor.rawValue, name: name) { _ in false }
    }

    /// Makes a folder's names durable.
    static func syncFolder(_ folder: FilePath) throws {
        let descriptor = try openFolder(folder)
        defer { try? descriptor.close() }
        // Some file systems (FUSE, old NFS) know no fsync of a folder and keep names in order without it.
        try sync(descriptor.rawValue, name: folder) { $0 == EINVAL || $0 == ENOSYS }
    }

    /// Opens a folder, which also tells whether it is there and answers.
    static func openFolder(_ folder: FilePath) throws -> FileDescriptor {
        let descriptor = folder.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw failure("opened", folder) }
        return FileDescriptor(rawValue: descriptor)
    }

    /// Makes a folder's names durable, unless it is gone with all of them.
    static func syncFolderIfPresent(_ folder: FilePath) throws {
        if try FileStamp.existing(folder) != nil { try syncFolder(folder) }
    }

    private static func sync(_ descriptor: Int32, name: FilePath, isHarmless: (Int32) -> Bool) throws {
        if DeliberateFault.skipSync.isOn || fsync(descriptor) == 0 { return }
        let number = errno
        if isHarmless(number) { return }
        if DeliberateFault.ignoreFailedSync.isOn, fsync(descriptor) == 0 { return }
        let error = failure("made durable", name, number: number)
        // NFS and quotas find out only now that there is no room; the file is given up and nothing relies on it.
        throw error.isDiskFull ? error : DaemonError(.notDurable, error.message, systemError: number)
    }

    /// Creates a folder with all that leads to it, durably; fine when it exists.
    static func createFolder(_ folder: FilePath, permissions: mode_t = 0o777) throws {
        if folder.withPlatformString({ mkdir($0, permissions) }) == 0 {
            try syncFolder(parent(of: folder))
            return
        }
        switch errno {
        case EEXIST:
            var status = stat()
            guard folder.withPlatformString({ stat($0, &status) }) == 0 else { throw failure("examined", folder) }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw DaemonError(.inputOutput, "\(folder.escaped) is no folder.", systemError: ENOTDIR)
            }
        case ENOENT where folder.lastComponent != nil && !folder.removingLastComponent().isEmpty:
            try createFolder(folder.removingLastComponent(), permissions: permissions)
            if folder.withPlatformString({ mkdir($0, permissions) }) != 0, errno != EEXIST {
                throw failure("created", folder)
            }
            try syncFolder(parent(of: folder))
        default:
            throw failure("created", folder)
        }
    }

    /// Gives a file another name in the same file system.
    ///
    /// - Returns: false when the new name is taken.
    static func renameWithoutReplacing(_ from: FilePath, to target: FilePath) throws -> Bool {
        if DeliberateFault.replaceOnRename.isOn {
            return from.withPlatformString { from in target.withPlatformString { rename(from, $0) == 0 } }
        }
        let number: Int32 = from.withPlatformString { from in
            target.withPlatformString { clinux_rename_noreplace(from, $0) == 0 ? 0 : errno }
        }
        switch number {
        case 0: return true
        case EEXIST: return false
        case EINVAL, ENOSYS: return try linkAndUnlink(from, to: target)
        default: throw failure("renamed to \(target.escaped)", from, number: number)
        }
    }

    /// For file systems without RENAME_NOREPLACE (NFS): a hard link replaces nothing either.
    private static func linkAndUnlink(_ from: FilePath, to target: FilePath) throws -> Bool {
        let number: Int32 = from.withPlatformString { from in
            target.withPlatformString { link(from, $0) == 0 ? 0 : errno }
        }
        switch number {
        case 0:
            guard from.withPlatformString({ unlink($0) }) == 0 else { throw failure("removed", from) }
            return true
        case EEXIST: return false
        case EPERM, EOPNOTSUPP:
            // Neither (FAT over FUSE): what is left is to look first.
            guard try FileStamp.existing(target) == nil else { return false }
            let number: Int32 = from.withPlatformString { from in
                target.withPlatformString { rename(from, $0) == 0 ? 0 : errno }
            }
            guard number == 0 else { throw failure("renamed to \(target.escaped)", from, number: number) }
            return true
        default: throw failure("renamed to \(target.escaped)", from, number: number)
        }
    }

    /// Removes a file; fine when it is gone.
    static func remove(_ path: FilePath) throws {
        guard path.withPlatformString({ unlink($0) }) == 0 || errno == ENOENT else { throw failure("removed", path) }
    }

    /// Creates a file that nobody else has, open for reading and writing.
    static func create(_ path: FilePath, permissions: FilePermissions) throws -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: permissions)
        } catch let error as Errno {
            throw failure("created", path, number: error.rawValue)
        }
    }

    /// The error for something that the system refused, `number` being errno unless it is given.
    static func failure(_ verb: String, _ path: FilePath, number: Int32 = errno) -> DaemonError {
        DaemonError(
            .inputOutput, "\(path.escaped) cannot be \(verb): \(Errno(rawValue: number)).", systemError: number)
    }

    private static func parent(of path: FilePath) -> FilePath {
        let parent = path.removingLastComponent()
        return parent.isEmpty ? "." : parent
    }
}

extension DaemonError {
    /// Whether there is no room, on the disk or in the quota.
    var isDiskFull: Bool { systemError == ENOSPC || systemError == EDQUOT }
}
