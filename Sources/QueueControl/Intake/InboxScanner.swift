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
        /// The folders that were not scanned although they belong to the inbox, each with the reason, a full sentence.
        package var leftOut: [FilePath: String] = [:]
    }

    /// The most levels of subfolders that are scanned.
    private static let deepest = 100

    /// The configuration of the scanned inbox.
    package let inbox: InboxConfiguration
    private let rules: IgnoreRules

    /// Creates a scanner of one inbox.
    package init(_ inbox: InboxConfiguration) {
        self.inbox = inbox
        rules = IgnoreRules(configured: inbox.ignore, marker: inbox.marker)
    }

    /// Scans the inbox or one of its subfolders.
    ///
    /// - folder: the absolute path of the subfolder; nil for the whole inbox. The result is empty for a folder that no
    ///   longer exists, is ignored or is reached through a symbolic link.
    /// - onEntry: called for each name. The scan of a large tree on a slow share takes long, and these calls let the
    ///   calling thread show that it makes progress.
    /// - onFolder: called with the absolute path of each scanned folder, before it is read; the first is the one that
    ///   the scan begins with.
    /// - Throws: `FileError` when the inbox itself is unavailable or cannot be read. A subfolder that vanishes is left
    ///   out; one that is too deep or cannot be read is in `leftOut`.
    package func scan(
        below folder: FilePath? = nil, onEntry: () -> Void = {}, onFolder: (FilePath) -> Void = { _ in }
    ) throws -> Result {
        let root = try inbox.openFolder()
        var result = Result()
        guard let folder, folder != inbox.path else {
            try scan(root, relative: "", depth: 0, into: &result, onEntry: onEntry, onFolder: onFolder)
            return result
        }
        var relative = folder
        guard inbox.recursive, relative.removePrefix(inbox.path), !ignoresAnyFolder(of: relative),
            let child = try? root.folder(relative)
        else { return result }
        let depth = relative.components.count
        try? scan(child, relative: relative, depth: depth, into: &result, onEntry: onEntry, onFolder: onFolder)
        return result
    }

    /// Examines one path below the inbox. Returns nil if nothing exists at the path, or if the path is ignored, is a
    /// folder or leads through a symbolic link.
    package func entry(at path: FilePath) -> Entry? {
        var relative = path
        guard relative.removePrefix(inbox.path), let name = relative.lastComponent else { return nil }
        let folder = relative.removingLastComponent()
        guard inbox.recursive || folder.isEmpty, !rules.ignoresFile(relative), !ignoresAnyFolder(of: folder),
            let parent = try? inbox.openFolder().folder(folder), let status = try? parent.entry(name).status(),
            status.st_mode & S_IFMT != S_IFDIR,
            !IgnoreRules.companions(of: name).contains(where: { (try? parent.entry($0).status()) != nil })
        else { return nil }
        return Entry(
            path: path, relative: relative, stamp: FileStamp(status), isRegular: status.st_mode & S_IFMT == S_IFREG)
    }

    /// Opens a file of the inbox for reading. Follows no symbolic link and does not wait for the other end of a FIFO.
    ///
    /// - Throws: `FileError`.
    package func open(_ entry: Entry) throws -> FileDescriptor {
        guard let name = entry.relative.lastComponent else {
            throw FileError.system("opened", entry.path, number: EINVAL)
        }
        return try inbox.openFolder().folder(entry.relative.removingLastComponent()).entry(name).open()
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

    private func scan(
        _ folder: OpenFolder, relative: FilePath, depth: Int, into result: inout Result, onEntry: () -> Void,
        onFolder: (FilePath) -> Void
    ) throws {
        onFolder(folder.path)
        var files: [FilePath.Component: stat] = [:]
        var folders: [FilePath.Component] = []
        try folder.forEachEntry { name, status in
            onEntry()
            if status.st_mode & S_IFMT == S_IFDIR { folders.append(name) } else { files[name] = status }
        }
        for (name, status) in files {
            let place = relative.appending(name)
            if rules.ignoresFile(place) || IgnoreRules.companions(of: name).contains(where: { files[$0] != nil }) {
                continue
            }
            result.entries.append(
                Entry(
                    path: inbox.path.pushing(place), relative: place, stamp: FileStamp(status),
                    isRegular: status.st_mode & S_IFMT == S_IFREG))
        }
        for name in folders {
            let place = relative.appending(name)
            guard inbox.recursive, !rules.ignoresFolder(place) else { continue }
            let path = inbox.path.pushing(place)
            guard depth < Self.deepest else {
                result.leftOut[path] =
                    "The folder \(path.escaped) is not scanned, because it lies more than \(Self.deepest) levels below its inbox."
                continue
            }
            do {
                try scan(
                    folder.folder(FilePath(root: nil, [name])), relative: place, depth: depth + 1, into: &result,
                    onEntry: onEntry, onFolder: onFolder)
            } catch let error as FileError {
                // The folder vanished, or was replaced, after it was listed.
                if [ENOENT, ENOTDIR, ELOOP].contains(error.systemError) { continue }
                let why = Errno(rawValue: error.systemError ?? EIO)
                result.leftOut[path] = "The folder \(path.escaped) is not scanned, because it cannot be read: \(why)."
            }
        }
    }
}
