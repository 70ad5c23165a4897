import Glibc
import SystemPackage

/// Which file, in which state: two equal stamps of a path mean that nobody touched the file in between.
struct FileStamp: Sendable, Hashable {
    let inode: UInt64
    let size: Int64
    /// Nanoseconds since 1970.
    let modified: Int64
    /// Nanoseconds since 1970; also moves when the file is renamed, linked or gets other permissions, and nobody can
    /// set it.
    let changed: Int64

    init(inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    init(_ status: stat) {
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    /// Wraps round beyond the year 2262, which anybody can give a file; stamps are compared for equality only.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// What is kept with a job. Without the device, whose number need not survive a reboot.
    var word: String { "\(identity):\(changed)" }

    /// The part of `word` that a rename, a `chmod` or a hard link leaves alone.
    var identity: String { "\(inode):\(size):\(modified)" }

    /// Whether a kept word was of this file with this content, whatever it has been called since.
    func hasIdentity(of word: String) -> Bool { word.hasPrefix(identity + ":") }

    /// The stamp of what lies at a path, symbolic links not followed; nil when nothing does.
    ///
    /// - Throws: `DaemonError` when nobody can tell, as on a share that does not answer.
    static func existing(_ path: FilePath) throws -> (stamp: FileStamp, isRegular: Bool)? {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else {
            let number = errno
            if number == ENOENT || number == ENOTDIR { return nil }
            throw DurableFile.failure("examined", path, number: number)
        }
        return (FileStamp(status), status.st_mode & S_IFMT == S_IFREG)
    }

    /// The same for those to whom a file that cannot be examined is as good as none.
    static func of(_ path: FilePath) -> (stamp: FileStamp, isRegular: Bool)? { try? existing(path) }
}
