import Glibc
import SystemPackage

/// A name in an open folder. The name may be free. A file with this name is handled without following a symbolic link.
///
/// Every failure is thrown as a `FileError`.
public struct FolderEntry: Sendable {
    /// The folder.
    public let folder: OpenFolder
    /// The name in the folder.
    public let name: FilePath.Component

    /// Creates the entry; reads nothing.
    init(folder: OpenFolder, name: FilePath.Component) {
        (self.folder, self.name) = (folder, name)
    }

    /// The path, for messages and for the queue.
    public var path: FilePath { folder.path.appending(name) }

    private var place: NameInFolder { NameInFolder(folder: folder.descriptor, name: name, shown: path) }

    /// The status of what has this name, without following a symbolic link; nil when nothing has this name.
    public func status() throws -> stat? { try place.existing() }

    /// The stamp of what has this name, and whether it is a regular file; nil when nothing has this name.
    public func existing() throws -> (stamp: FileStamp, isRegular: Bool)? { try FileStamp.existing(place) }

    /// Opens a regular file for reading.
    public func open() throws -> FileDescriptor {
        let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC
        return try RegularFile.checked(
            FileDescriptor(rawValue: try place.call("opened") { openat(folder.descriptor, $0, flags) }), name: path)
    }

    /// The SHA-256 hash of a regular file in lower-case hexadecimal.
    public func sha256() throws -> String {
        let descriptor = try open()
        defer { try? descriptor.close() }
        return try RegularFile.sha256(descriptor, name: path)
    }

    /// Reads a whole regular file; throws when it has more than `limit` bytes.
    public func read(limit: Int) throws -> [UInt8] {
        let descriptor = try open()
        defer { try? descriptor.close() }
        return try RegularFile.read(descriptor, name: path, limit: limit)
    }

    /// Creates a new file, open for reading and writing; throws when the name is taken.
    public func create(permissions: FilePermissions) throws -> FileDescriptor {
        try place.create(permissions: permissions)
    }

    /// Gives the file another name, or another folder of the same file system.
    ///
    /// - Returns: false when the new name is taken.
    public func renameWithoutReplacing(to target: FolderEntry) throws -> Bool {
        try place.renameWithoutReplacing(to: target.place)
    }

    /// Removes the file; does nothing when it does not exist.
    public func remove() throws { try place.remove() }
}
