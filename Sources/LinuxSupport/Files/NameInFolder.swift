import CLinux
import FaultInjection
import Glibc
import SystemPackage

/// A name and the folder that the system looks it up in: the arguments of `openat`, `renameat2` and the other calls of
/// this kind.
struct NameInFolder {
    /// The folder's descriptor, or AT_FDCWD for a path.
    let folder: Int32
    /// A single name, or a path if `folder` is AT_FDCWD.
    let name: FilePath
    /// The path for messages.
    let shown: FilePath

    /// A path whose folders are trusted: symbolic links to folders are followed.
    init(_ path: FilePath) {
        (folder, name, shown) = (AT_FDCWD, path, path)
    }

    /// A single name in an open folder.
    init(folder: Int32, name: FilePath.Component, shown: FilePath) {
        (self.folder, self.name, self.shown) = (folder, FilePath(root: nil, [name]), shown)
    }

    /// Calls a function with the name as a C string; throws a `FileError` when the function returns a negative number.
    ///
    /// - verb: a past participle, for the message.
    @discardableResult
    func call(_ verb: String, _ body: (UnsafePointer<CChar>) -> Int32) throws -> Int32 {
        let result = name.withPlatformString(body)
        guard result < 0 else { return result }
        let number = errno
        // For a symbolic link, O_NOFOLLOW fails with ELOOP, and together with O_DIRECTORY with ENOTDIR. ENOTDIR would
        // read as "does not exist".
        if number == ELOOP || number == ENOTDIR, isSymbolicLink {
            throw FileError(
                .inputOutput,
                "\(shown.escaped) cannot be \(verb): it is a symbolic link, which the service does not follow.",
                systemError: ELOOP)
        }
        throw FileError.system(verb, shown, number: number)
    }

    private var isSymbolicLink: Bool {
        var status = stat()
        return name.withPlatformString { fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0
            && status.st_mode & S_IFMT == S_IFLNK
    }

    /// The status of what has this name, without following a symbolic link; nil when nothing has it.
    func existing() throws -> stat? {
        var status = stat()
        guard name.withPlatformString({ fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            let number = errno
            if number == ENOENT || number == ENOTDIR { return nil }
            throw FileError.system("examined", shown, number: number)
        }
        return status
    }

    func create(permissions: FilePermissions) throws -> FileDescriptor {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        return FileDescriptor(rawValue: try call("created") { openat(folder, $0, flags, permissions.rawValue) })
    }

    func remove() throws {
        guard name.withPlatformString({ unlinkat(folder, $0, 0) }) == 0 || errno == ENOENT else {
            throw FileError.system("removed", shown)
        }
    }

    /// - Returns: false when the new name is taken.
    func renameWithoutReplacing(to target: NameInFolder) throws -> Bool {
        if FaultPlan.injects(.replaceOnRename) {
            return both(target) { Glibc.renameat(folder, $0, target.folder, $1) == 0 ? 0 : errno } == 0
        }
        let number = both(target) { clinux_rename_noreplace(folder, $0, target.folder, $1) == 0 ? 0 : errno }
        switch number {
        case 0: return true
        case EEXIST: return false
        case EINVAL, ENOSYS: return try linkAndUnlink(to: target)
        default: throw FileError.system("renamed to \(target.shown.escaped)", shown, number: number)
        }
    }

    /// Renames a file on file systems without RENAME_NOREPLACE (NFS). It creates a hard link, which never replaces a
    /// file, and removes the old name.
    private func linkAndUnlink(to target: NameInFolder) throws -> Bool {
        let number = both(target) { linkat(folder, $0, target.folder, $1, 0) == 0 ? 0 : errno }
        switch number {
        case 0:
            try call("removed") { unlinkat(folder, $0, 0) }
            return true
        case EEXIST: return false
        case EPERM, EOPNOTSUPP:
            // FAT over FUSE has neither RENAME_NOREPLACE nor hard links. This check leaves a short time in which
            // another process can take the name.
            guard try target.existing() == nil else { return false }
            try rename(to: target)
            return true
        default: throw FileError.system("renamed to \(target.shown.escaped)", shown, number: number)
        }
    }

    /// Replaces a file that has the new name already.
    func rename(to target: NameInFolder) throws {
        let number = both(target) { Glibc.renameat(folder, $0, target.folder, $1) == 0 ? 0 : errno }
        guard number == 0 else {
            throw FileError.system("renamed to \(target.shown.escaped)", shown, number: number)
        }
    }

    private func both(
        _ target: NameInFolder, _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
    ) -> Int32 {
        name.withPlatformString { from in target.name.withPlatformString { body(from, $0) } }
    }
}
