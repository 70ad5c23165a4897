import Glibc
import LinuxSupport
import SystemPackage

extension InboxConfiguration {
    /// What `require_mount` demands, so that the empty mount point of a file system that is not mounted is not taken for
    /// an empty inbox.
    package enum RequiredMount: Sendable, Equatable {
        /// `true`: the inbox is on another file system than `/`.
        case anyMount
        /// A path: this folder is a mount point, that is, on another file system than its parent folder.
        case at(FilePath)

        /// True if a file system is mounted at this folder: it is on another one than its parent folder.
        static func isMounted(at point: FilePath) throws -> Bool {
            guard let folder = try? OpenFolder(trusting: point) else { return false }
            return try folder.device() != OpenFolder(trusting: point.parentFolder).device()
        }
    }

    /// Opens the inbox.
    ///
    /// - Throws: `FileError` with the code `folderUnavailable` while the inbox does not exist, its required mount is
    ///   missing, or its marker file is missing. The message is a full sentence.
    package func openFolder() throws -> OpenFolder {
        let folder: OpenFolder
        do {
            folder = try OpenFolder(trusting: path)
        } catch let error as FileError {
            throw unavailable("cannot be read: \(Errno(rawValue: error.systemError ?? EIO))", error.systemError)
        }
        if let problem = try missingMount(of: folder) { throw unavailable(problem) }
        if let marker, try folder.entry(marker).existing() == nil {
            throw unavailable("is not scanned, because it has no file named \(FilePath(root: nil, [marker]).escaped)")
        }
        return folder
    }

    /// Why the inbox cannot be used now, in a full sentence; nil if it can be used, or if the service can create it.
    package var unavailability: String? {
        do {
            _ = try openFolder()
            return nil
        } catch let error as FileError {
            let isCreated = error.systemError == ENOENT && marker == nil && requiredMount == nil
            if isCreated, access(path.parentFolder.string, F_OK) == 0 { return nil }
            return error.message
        } catch {
            return "\(error)"
        }
    }

    private func missingMount(of folder: OpenFolder) throws -> String? {
        switch requiredMount {
        case nil: return nil
        case .anyMount:
            guard try folder.device() == OpenFolder(trusting: "/").device() else { return nil }
            return "is not scanned, because no file system is mounted there (require_mount)"
        case .at(let point):
            if try RequiredMount.isMounted(at: point) { return nil }
            return "is not scanned, because no file system is mounted at \(point.escaped) (require_mount)"
        }
    }

    private func unavailable(_ problem: String, _ number: Int32? = nil) -> FileError {
        FileError(.folderUnavailable, "The inbox \(path.escaped) \(problem).", systemError: number)
    }
}
