import GRDB
import Glibc
import LinuxSupport
import SystemPackage

/// The files of an open database, as they were when it was opened: the database, its write-ahead log and the log's
/// index. SQLite keeps them open and does not notice when somebody deletes or replaces them; every later commit would
/// then go into files without a name, and be lost at the end of the process.
struct DatabaseFiles: Sendable {
    private struct Identity: Sendable, Equatable {
        let device: dev_t
        let inode: ino_t
    }

    /// The path of the database.
    let database: FilePath
    private let identities: [FilePath: Identity]

    /// Remembers the files that exist now.
    init(database: FilePath) throws {
        self.database = database
        var identities: [FilePath: Identity] = [:]
        for path in [database] + Self.companions(of: database) { identities[path] = try Self.identity(of: path) }
        self.identities = identities
    }

    /// The write-ahead log and its index.
    static func companions(of database: FilePath) -> [FilePath] {
        let name = database.lastComponent?.string ?? ""
        return ["-wal", "-shm"].map { database.removingLastComponent().appending(name + $0) }
    }

    /// True if the path of the database itself no longer leads to the open file.
    var isDatabaseLost: Bool { isLost(database) }

    /// Throws a `JobStoreError` with code `replaced` if one of the files was deleted, moved away or replaced.
    func check() throws {
        guard let path = identities.keys.sorted(by: { $0.length < $1.length }).first(where: isLost) else { return }
        throw JobStoreError(.replaced, "The file \(path) was deleted or replaced while the queue was in use.")
    }

    /// True if a write failed because the quota of the folder is used up, or because the index of the log cannot grow on
    /// a full disk. SQLite reports both as input/output errors and does not keep the system's error number, so this
    /// function tries to write another file. A failed fsync is never an error of this kind.
    func isOutOfSpace(_ error: DatabaseError) -> Bool {
        guard [.SQLITE_IOERR_WRITE, .SQLITE_IOERR_SHMSIZE].contains(error.extendedResultCode) else { return false }
        let probe = database.removingLastComponent().appending(".srgan-probe")
        do {
            try DurableFile.remove(probe)
            let descriptor = try DurableFile.create(probe, permissions: [.ownerReadWrite])
            defer {
                try? descriptor.close()
                try? DurableFile.remove(probe)
            }
            try descriptor.writeAll([UInt8](repeating: 1, count: 1 << 16))
            return false
        } catch let error as FileError {
            return error.isDiskFull
        } catch {
            return [Errno.noSpace, .diskQuotaExceeded].contains(error as? Errno)
        }
    }

    /// A file that cannot be examined for another reason than its absence is not lost.
    private func isLost(_ path: FilePath) -> Bool {
        guard let known = identities[path] else { return false }
        do {
            return try Self.identity(of: path) != known
        } catch {
            return false
        }
    }

    private static func identity(of path: FilePath) throws -> Identity? {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else {
            let number = errno
            if number == ENOENT || number == ENOTDIR { return nil }
            throw JobStoreError(.unavailable, "\(path) cannot be examined: \(Errno(rawValue: number)).")
        }
        return Identity(device: status.st_dev, inode: status.st_ino)
    }
}
