import FaultInjection
import Foundation
import SystemPackage

/// The exclusive right to write a state folder, held as long as this object lives.
///
/// Only the process that holds the lock may open `SQLiteJobStore`; all others read through `JobHistory`. The lock is an
/// `flock` on the file `STATE/lock`. The kernel releases it when the process ends in any way, so no stale lock remains.
/// The file contains the holder's process id and version, which are used only for messages. The file is never deleted:
/// otherwise one process could hold the lock of the deleted file while another locks a new file of the same name.
public final class StateLock: Sendable {
    /// The holder of a lock, as the lock file names it.
    public struct Holder: Sendable, Equatable {
        /// The process id.
        public let pid: Int32
        /// The program's version.
        public let version: String
    }

    /// The locked state folder.
    public let directory: FilePath
    private let descriptor: FileDescriptor

    /// Takes the lock.
    ///
    /// - directory: must exist.
    /// - version: this program's version, which other processes show in their messages about the holder.
    /// - timeout: how long to wait until the current holder releases the lock. If the holder is `srgan-jobs`, it needs
    ///   the lock only for one change.
    /// - Throws: `JobStoreError` stateLocked, with the holder's pid in the message; unavailable if the file cannot be
    ///   opened.
    public init(directory: FilePath, version: String, timeout: Duration = .zero) throws {
        let path = Self.path(in: directory)
        let descriptor: FileDescriptor
        do {
            // Close-on-exec: a worker that inherited the descriptor would hold the lock even after the daemon's end.
            descriptor = try FileDescriptor.open(
                path, .readWrite, options: [.create, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            throw JobStoreError(.unavailable, "The lock file \(path) cannot be opened: \(error).", cause: error)
        }
        do {
            try Self.lock(descriptor, directory: directory, deadline: .now + timeout)
            try descriptor.resize(to: 0)
            try descriptor.writeAll(toAbsoluteOffset: 0, Array("\(getpid()) \(version)\n".utf8))
        } catch {
            try? descriptor.close()
            throw error
        }
        self.directory = directory
        self.descriptor = descriptor
    }

    deinit {
        // The file is emptied first, so that no other process reads the id of a process that has ended.
        try? descriptor.resize(to: 0)
        try? descriptor.close()
    }

    /// The holder that a state folder's lock file names, or nil if it names none. This function takes no lock, so it
    /// never blocks another process. If the holder was killed, the file names it until the next process takes the lock.
    public static func holder(of directory: FilePath) -> Holder? {
        guard let descriptor = try? FileDescriptor.open(path(in: directory), .readOnly, options: [.closeOnExec]) else {
            return nil
        }
        defer { try? descriptor.close() }
        var buffer = [UInt8](repeating: 0, count: 256)
        guard let count = try? buffer.withUnsafeMutableBytes({ try descriptor.read(fromAbsoluteOffset: 0, into: $0) })
        else { return nil }
        let words = String(decoding: buffer[..<count], as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard let first = words.first, let pid = Int32(first) else { return nil }
        return Holder(pid: pid, version: words.dropFirst().joined(separator: " "))
    }

    /// The current holder of a state folder's lock, according to the kernel's list of locks; nil if there is none. This
    /// function does not try to take the lock. Even a shared lock that is held for an instant would make the start of a
    /// daemon fail at that moment.
    ///
    /// - locks: the text of `/proc/locks`, for tests; nil to read the file.
    public static func liveHolder(of directory: FilePath, locks: String? = nil) -> Holder? {
        guard let named = holder(of: directory),
            let list = locks ?? (try? String(contentsOfFile: "/proc/locks", encoding: .utf8))
        else { return nil }
        var status = stat()
        guard path(in: directory).withPlatformString({ stat($0, &status) }) == 0 else { return nil }
        let isHeld = list.split(separator: "\n").contains { line in
            // A line is "1: FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE 0 EOF". Only the inode is compared, because on
            // some file systems the device numbers differ from those of stat.
            let words = line.split(separator: " ")
            return words.count > 5 && words[1] == "FLOCK" && words[3] == "WRITE" && Int32(words[4]) == named.pid
                && words[5].hasSuffix(":\(status.st_ino)")
        }
        return isHeld ? named : nil
    }

    /// The lock file of a state folder.
    public static func path(in directory: FilePath) -> FilePath { directory.appending("lock") }

    private static func lock(
        _ descriptor: FileDescriptor, directory: FilePath, deadline: ContinuousClock.Instant
    ) throws {
        if FaultPlan.injects(.skipLock) { return }
        while flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 {
            let error = Errno(rawValue: errno)
            guard error == .wouldBlock || error == .interrupted else {
                throw JobStoreError(
                    .unavailable, "The state folder \(directory) cannot be locked: \(error).", cause: error)
            }
            guard ContinuousClock.now < deadline else {
                let who = holder(of: directory).map { "process \($0.pid) (version \($0.version))" } ?? "another process"
                throw JobStoreError(.stateLocked, "The state folder \(directory) is in use by \(who).")
            }
            // flock cannot wait with a time limit, so it is tried again every 20 ms.
            usleep(20_000)
        }
    }
}
