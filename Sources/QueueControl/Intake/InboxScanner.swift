import CLinux
import Glibc
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Scans one inbox. Names are read as bytes, symbolic links are never followed, and a scan opens only folders.
package struct InboxScanner: Sendable {
    /// An entry of the inbox that is neither a folder nor ignored.
    package struct Entry: Sendable, Equatable {
        /// The absolute path.
        package let path: FilePath
        /// The path below the inbox.
        package let relative: FilePath
        /// The file's identity, size and times when it was found.
        package let stamp: FileStamp
        /// False for a symbolic link, FIFO, socket or device.
        package let isRegular: Bool
    }

    /// What one scan found.
    package struct Result {
        /// The entries, in no particular order.
        package var entries: [Entry] = []
    }

    /// The most levels of subfolders that are scanned.
    private static let deepest = 100

    /// The configuration of the scanned inbox.
    package let inbox: InboxConfiguration
    private let rules: IgnoreRules

    /// Creates a scanner of one inbox.
    package init(_ inbox: InboxConfiguration) {
        self.inbox = inbox
        rules = IgnoreRules(configured: inbox.ignore)
    }

    /// Scans the inbox or one of its subfolders.
    ///
    /// - folder: the absolute path of the subfolder; nil for the whole inbox. The result is empty for a folder that no
    ///   longer exists, is ignored or is reached through a symbolic link.
    /// - onEntry: called for each name. The scan of a large tree on a slow share takes long, and these calls let the
    ///   calling thread show that it makes progress.
    /// - onFolder: called with the absolute path of each scanned folder, before it is read; the first is the one that
    ///   the scan begins with.
    /// - Throws: `FileError` when the inbox itself cannot be opened. A subfolder that vanishes or cannot be read is
    ///   left out.
    package func scan(
        below folder: FilePath? = nil, onEntry: () -> Void = {}, onFolder: (FilePath) -> Void = { _ in }
    ) throws -> Result {
        let root = inbox.path.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard root >= 0 else {
            let number = errno
            throw FileError(
                .inputOutput, "The inbox \(inbox.path.escaped) cannot be read: \(Errno(rawValue: number)).",
                systemError: number)
        }
        var result = Result()
        guard let folder, folder != inbox.path else {
            scan(folder: root, relative: "", depth: 0, into: &result, onEntry: onEntry, onFolder: onFolder)
            return result
        }
        defer { close(root) }
        var relative = folder
        guard inbox.recursive, relative.removePrefix(inbox.path), !ignoresAnyFolder(of: relative) else { return result }
        let child = relative.withPlatformString { clinux_open_beneath(root, $0, O_RDONLY | O_DIRECTORY) }
        guard child >= 0 else { return result }
        scan(
            folder: child, relative: relative, depth: relative.components.count, into: &result, onEntry: onEntry,
            onFolder: onFolder)
        return result
    }

    /// Examines one path below the inbox. Returns nil if nothing exists at the path, or if the path is ignored, is a
    /// folder or leads through a symbolic link.
    package func entry(at path: FilePath) -> Entry? {
        var relative = path
        guard relative.removePrefix(inbox.path), let name = relative.lastComponent else { return nil }
        let folder = relative.removingLastComponent()
        guard inbox.recursive || folder.isEmpty, !rules.ignoresFile(relative), !ignoresAnyFolder(of: folder) else {
            return nil
        }
        let root = inbox.path.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard root >= 0 else { return nil }
        defer { close(root) }
        let parent =
            folder.isEmpty
            ? dup(root) : folder.withPlatformString { clinux_open_beneath(root, $0, O_RDONLY | O_DIRECTORY) }
        guard parent >= 0 else { return nil }
        defer { close(parent) }
        var status = stat()
        guard name.withPlatformString({ fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0,
            status.st_mode & S_IFMT != S_IFDIR
        else { return nil }
        return Entry(
            path: path, relative: relative, stamp: FileStamp(status), isRegular: status.st_mode & S_IFMT == S_IFREG)
    }

    /// Opens a file of the inbox for reading. Follows no symbolic link and does not wait for the other end of a FIFO.
    ///
    /// - Throws: `Errno`.
    package func open(_ entry: Entry) throws -> FileDescriptor {
        let root = inbox.path.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard root >= 0 else { throw Errno(rawValue: errno) }
        defer { close(root) }
        let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC
        var descriptor = entry.relative.withPlatformString { clinux_open_beneath(root, $0, flags) }
        if descriptor < 0 && (errno == ENOSYS || errno == EPERM) {
            // `openat2` is missing in an old kernel or forbidden by a system call filter. With `openat`, O_NOFOLLOW
            // still refuses a symbolic link as the last component of the path.
            descriptor = entry.relative.withPlatformString { openat(root, $0, flags) }
        }
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        return FileDescriptor(rawValue: descriptor)
    }

    /// True when a folder below the inbox, or one of its parent folders within the inbox, is ignored.
    private func ignoresAnyFolder(of relative: FilePath) -> Bool {
        var folder = relative
        while !folder.isEmpty {
            if rules.ignoresFolder(folder) { return true }
            folder.removeLastComponent()
        }
        return false
    }

    /// Scans a folder; closes the descriptor at the end.
    private func scan(
        folder descriptor: Int32, relative: FilePath, depth: Int, into result: inout Result, onEntry: () -> Void,
        onFolder: (FilePath) -> Void
    ) {
        guard let directory = fdopendir(descriptor) else {
            close(descriptor)
            return
        }
        defer { closedir(directory) }
        onFolder(inbox.path.pushing(relative))
        while let record = readdir(directory) {
            onEntry()
            guard let name = Self.name(of: record) else { continue }
            var status = stat()
            guard name.withPlatformString({ fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
                continue
            }
            let place = relative.appending(name)
            if status.st_mode & S_IFMT == S_IFDIR {
                guard inbox.recursive, depth < Self.deepest, !rules.ignoresFolder(place) else { continue }
                let child = name.withPlatformString {
                    openat(descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                }
                if child >= 0 {
                    scan(
                        folder: child, relative: place, depth: depth + 1, into: &result, onEntry: onEntry,
                        onFolder: onFolder)
                }
            } else if !rules.ignoresFile(place) {
                result.entries.append(
                    Entry(
                        path: inbox.path.pushing(place), relative: place, stamp: FileStamp(status),
                        isRegular: status.st_mode & S_IFMT == S_IFREG))
            }
        }
    }

    private static func name(of record: UnsafeMutablePointer<dirent>) -> FilePath.Component? {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
        let name = (UnsafeRawPointer(record) + offset).assumingMemoryBound(to: CChar.self)
        // "." and ".." are components of another kind and are left out.
        guard let component = FilePath.Component(platformString: name), component.kind == .regular else { return nil }
        return component
    }
}
