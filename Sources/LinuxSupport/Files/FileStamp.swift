import Glibc
import SystemPackage

/// Identifies a file and its state: if two stamps of a path are equal, the file did not change between them.
public struct FileStamp: Sendable, Hashable {
    /// The inode number: the file's number in its file system.
    public let inode: UInt64
    /// The size in bytes.
    public let size: Int64
    /// The time of the last change of the content, in nanoseconds since 1970.
    public let modified: Int64
    /// The time of the last change of the content or the attributes (ctime), in nanoseconds since 1970. A rename, a new
    /// link and new permissions change this time too, and no program can set it.
    public let changed: Int64

    /// Creates a stamp from its parts.
    public init(inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    /// The stamp in the result of `stat`.
    public init(_ status: stat) {
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    /// Nanoseconds since 1970; the number wraps around after the year 2262. It must not trap, because any program can
    /// give a file such a time. Wrapping is harmless, because stamps are only compared for equality.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// The stamp as text, which is stored with a job. It leaves out the device, whose number may differ after a reboot.
    public var word: String { "\(identity):\(changed)" }

    /// The part of `word` that a rename, a `chmod` or a hard link does not change.
    var identity: String { "\(inode):\(size):\(modified)" }

    /// True when a stored `word` belongs to this file with this content, whatever the file's name is.
    public func hasIdentity(of word: String) -> Bool { word.hasPrefix(identity + ":") }

    /// True when a stored `word` belongs to a file of this size.
    public func hasSize(of word: String) -> Bool {
        let parts = word.split(separator: ":")
        return parts.count > 1 && parts[1] == String(size)
    }

    /// True when the file's content has changed since a stored `word` was made, even if the file was moved meanwhile. A
    /// move to another file system changes the inode, and may round the time of the last change.
    public func hasOtherContent(than word: String) -> Bool {
        let parts = word.split(separator: ":").map { Int64($0) }
        guard parts.count == 4, let oldSize = parts[1], let oldTime = parts[2] else { return false }
        if size != oldSize { return true }
        let wasCopied = !word.hasPrefix("\(inode):")
        return wasCopied ? modified &- oldTime >= Self.coarsestTime : modified != oldTime
    }

    /// The largest unit of a file system's times, in nanoseconds: FAT has 2 seconds.
    private static let coarsestTime: Int64 = 2_000_000_000

    /// The stamp of the file at a path, without following symbolic links, and whether it is a regular file; nil when
    /// there is no file.
    ///
    /// - Throws: `FileError` when the system cannot read the file's status, for example on a network share that does
    ///   not answer.
    public static func existing(_ path: FilePath) throws -> (stamp: FileStamp, isRegular: Bool)? {
        try existing(NameInFolder(path))
    }

    static func existing(_ name: NameInFolder) throws -> (stamp: FileStamp, isRegular: Bool)? {
        try name.existing().map { (FileStamp($0), $0.st_mode & S_IFMT == S_IFREG) }
    }

    /// Like `existing`, but nil also when the system cannot read the file's status.
    public static func of(_ path: FilePath) -> (stamp: FileStamp, isRegular: Bool)? { try? existing(path) }
}
