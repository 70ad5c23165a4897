import CLinux
import Glibc
import SystemPackage

/// An open folder. What lies in it is reached from its descriptor, name by name, and a symbolic link is never followed.
///
/// A person with the right to write into a folder can replace a folder in it by a symbolic link at any time. A call with
/// a whole path would follow that link and act outside. A call with a descriptor and a single name cannot.
///
/// Every failure is thrown as a `FileError`.
public final class OpenFolder: Sendable {
    /// Open for reading, so that the folder can be listed and synced.
    let descriptor: Int32
    /// The path by which the folder was opened.
    public let path: FilePath

    private init(descriptor: Int32, path: FilePath) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Opens a folder whose path is trusted: symbolic links in it, and at its end, are followed.
    public convenience init(trusting path: FilePath) throws {
        self.init(descriptor: try DurableFile.openFolder(path).rawValue, path: path)
    }

    /// Opens a folder below this one, given by its relative path.
    ///
    /// - Throws: `FileError`; its `systemError` is ELOOP if a folder on the way is a symbolic link.
    public func folder(_ relative: FilePath) throws -> OpenFolder { try folder(relative, creating: false) }

    /// Opens a folder below this one, given by its relative path; creates it and its missing parents durably.
    public func creatingFolder(_ relative: FilePath) throws -> OpenFolder { try folder(relative, creating: true) }

    /// The entry with this name. The folder need not contain it.
    public func entry(_ name: FilePath.Component) -> FolderEntry { FolderEntry(folder: self, name: name) }

    /// Makes the names of the folder's files durable.
    public func sync() throws { try DurableFile.syncFolder(descriptor, name: path) }

    /// True if both are the same folder.
    public func isSame(as path: FilePath) -> Bool {
        var (own, other) = (stat(), stat())
        return fstat(descriptor, &own) == 0 && path.withPlatformString { stat($0, &other) } == 0
            && own.st_dev == other.st_dev && own.st_ino == other.st_ino
    }

    /// The number of the device that contains the folder.
    public func device() throws -> UInt64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError.system("examined", path) }
        return UInt64(status.st_dev)
    }

    /// Removes a subfolder; returns false if it is not empty or cannot be removed for another reason.
    public func removeFolder(_ name: FilePath.Component) -> Bool {
        name.withPlatformString { unlinkat(descriptor, $0, AT_REMOVEDIR) } == 0
    }

    /// Calls `body` with the name and the status of each entry, in no particular order. Symbolic links are not
    /// followed. An entry that vanishes meanwhile is left out.
    public func forEachEntry(_ body: (FilePath.Component, stat) throws -> Void) throws {
        // A descriptor of its own, because reading moves its offset.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let directory = fdopendir(copy) else {
            let error = FileError.system("read", path)
            if copy >= 0 { close(copy) }
            throw error
        }
        defer { closedir(directory) }
        while true {
            errno = 0
            guard let record = readdir(directory) else {
                if errno != 0 { throw FileError.system("read", path) }
                return
            }
            let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
            let text = (UnsafeRawPointer(record) + offset).assumingMemoryBound(to: CChar.self)
            // "." and ".." are components of another kind.
            guard let name = FilePath.Component(platformString: text), name.kind == .regular else { continue }
            var status = stat()
            guard fstatat(descriptor, text, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            try body(name, status)
        }
    }

    // MARK: - Steps

    private func folder(_ relative: FilePath, creating: Bool) throws -> OpenFolder {
        var place = path
        // The folder that was reached so far; this object owns only the descriptors that it opened on the way.
        var here = descriptor
        defer { if here != descriptor { close(here) } }
        for name in relative.components {
            place.append(name)
            guard !relative.isAbsolute, name.kind == .regular else {
                throw FileError(
                    .inputOutput, "\(path.pushing(relative).escaped) is no path below \(path.escaped).",
                    systemError: EINVAL)
            }
            let step = NameInFolder(folder: here, name: name, shown: place)
            let next: Int32
            do {
                next = try step.call("opened") { clinux_open_step(here, $0) }
            } catch let error as FileError where creating && error.systemError == ENOENT {
                try Self.create(step)
                next = try step.call("opened") { clinux_open_step(here, $0) }
            }
            if here != descriptor { close(here) }
            here = next
        }
        let opened = openat(here, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw FileError.system("opened", place) }
        return OpenFolder(descriptor: opened, path: place)
    }

    /// Creates a folder durably; does nothing when the name is taken.
    private static func create(_ step: NameInFolder) throws {
        do {
            try step.call("created") { mkdirat(step.folder, $0, 0o777) }
        } catch let error as FileError where error.systemError == EEXIST {
            return
        }
        let parent = openat(step.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw FileError.system("opened", step.shown.parentFolder) }
        defer { close(parent) }
        try DurableFile.syncFolder(parent, name: step.shown.parentFolder)
    }
}
