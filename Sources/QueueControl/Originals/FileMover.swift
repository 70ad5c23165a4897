import Glibc
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Moves originals within a file system or to another one. Never replaces an existing file and never follows a symbolic
/// link.
package enum FileMover {
    /// The most bytes of a copy that are written before the next fsync.
    private static let mostUnsynced = 256 << 20

    /// Moves a file into a folder, under the preferred name or, if that is taken, the next free one.
    ///
    /// - name: the preferred name; nil for the file's own.
    /// - onProgress: called repeatedly while the file is copied to another file system.
    /// - isRight: returns true if the entry is the original to be moved. If another file took the original's name, that
    ///   file is moved back.
    /// - Returns: where the original is now; nil if `source` was another file.
    /// - Throws: `FileError`; the file then has its old name, its new name or both.
    package static func move(
        _ source: FolderEntry, into folder: OpenFolder, name: FilePath.Component? = nil,
        onProgress: () -> Void = {},
        isRight: (FolderEntry) throws -> Bool
    ) throws -> FolderEntry? {
        var number = 1
        while true {
            let target = folder.entry(OutputNaming.alternative(name ?? source.name, number: number))
            if let here = try source.existing(), try here.stamp.inode == target.existing()?.stamp.inode,
                try isRight(target)
            {
                // Both names belong to one file: a power cut kept the new name of an earlier rename, but not the
                // removal of the old name.
                try folder.sync()
                try source.remove()
                try source.folder.sync()
                return target
            }
            do {
                if try source.renameWithoutReplacing(to: target) {
                    guard try isRight(target) else {
                        // Another file took the original's name between the check and the rename.
                        _ = try target.renameWithoutReplacing(to: source)
                        return nil
                    }
                    // Sync the new folder first: otherwise a power cut could leave the file without a name. Then sync
                    // the old folder, before the queue records the move: otherwise a power cut could bring back the old
                    // name, and the file would be taken as a new image.
                    try folder.sync()
                    try source.folder.sync()
                    return target
                }
            } catch let error as FileError where error.systemError == EXDEV {
                if try copyAcross(source, to: target, onProgress: onProgress, isRight: isRight) {
                    return try source.existing() == nil ? target : nil
                }
            }
            number += 1
        }
    }

    /// Moves a file to another file system: copy, fsync, rename, unlink.
    ///
    /// - Returns: false if the target's name is taken, else true. If the source changed during the copy, the copy is
    ///   removed and the source stays.
    private static func copyAcross(
        _ source: FolderEntry, to target: FolderEntry, onProgress: () -> Void, isRight: (FolderEntry) throws -> Bool
    ) throws -> Bool {
        let descriptor = try source.open()
        defer { try? descriptor.close() }
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else { throw FileError.system("examined", source.path) }
        let temporary = target.folder.entry(TemporaryOutput.name(id: 0))
        let copy = try temporary.create(permissions: FilePermissions(rawValue: CModeT(status.st_mode & 0o777)))
        defer { try? copy.close() }
        do {
            var unsynced = 0
            _ = try DurableFile.copy(from: descriptor, to: copy, name: source.path) { count in
                onProgress()
                unsynced += count
                // A single sync at the end would take minutes, and meanwhile this thread could not show that it makes
                // progress.
                if unsynced >= mostUnsynced {
                    try DurableFile.sync(copy, name: temporary.path)
                    unsynced = 0
                }
            }
            var times = [status.st_atim, status.st_mtim]
            futimens(copy.rawValue, &times)
            try DurableFile.sync(copy, name: temporary.path)
            guard try temporary.renameWithoutReplacing(to: target) else {
                try temporary.remove()
                return false
            }
            try target.folder.sync()
        } catch {
            try? temporary.remove()
            throw error
        }
        guard try isRight(source), try source.existing()?.stamp == FileStamp(status) else {
            try target.remove()
            return true
        }
        do {
            try RegularFile.requireNoWriter(descriptor, name: source.path)
        } catch {
            try? target.remove()
            throw error
        }
        try source.remove()
        try source.folder.sync()
        return true
    }

    private typealias CModeT = CInterop.Mode
}
