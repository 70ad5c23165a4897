import Glibc
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Moves originals within a file system or to another one. Never replaces an existing file.
package enum FileMover {
    /// The most bytes of a copy that are written before the next fsync.
    private static let mostUnsynced = 256 << 20

    /// Moves a file into a folder.
    ///
    /// - onProgress: called repeatedly while the file is copied to another file system.
    /// - isRight: returns true if the file at a path is the original to be moved. If another file took the original's
    ///   name, that file is moved back.
    /// - Returns: where the original is now; nil if `source` was another file.
    /// - Throws: `FileError`; the file then has its old name, its new name or both.
    package static func move(
        _ source: FilePath, into folder: FilePath, name: FilePath.Component, onProgress: () -> Void = {},
        isRight: (FilePath) throws -> Bool
    ) throws -> FilePath? {
        try DurableFile.createFolder(folder)
        var number = 1
        while true {
            let target = folder.appending(OutputNaming.alternative(name, number: number))
            if let here = try FileStamp.existing(source),
                try here.stamp.inode == FileStamp.existing(target)?.stamp.inode, try isRight(target)
            {
                // Both names belong to one file: a power cut kept the new name of an earlier rename, but not the
                // removal of the old name.
                try DurableFile.syncFolder(folder)
                try DurableFile.remove(source)
                try DurableFile.syncFolderIfPresent(source.removingLastComponent())
                return target
            }
            do {
                if try DurableFile.renameWithoutReplacing(source, to: target) {
                    guard try isRight(target) else {
                        // Another file took the original's name between the check and the rename.
                        _ = try DurableFile.renameWithoutReplacing(target, to: source)
                        return nil
                    }
                    // Sync the new folder first: otherwise a power cut could leave the file without a name. Then sync
                    // the old folder, before the queue records the move: otherwise a power cut could bring back the old
                    // name, and the file would be taken as a new image.
                    try DurableFile.syncFolder(folder)
                    try DurableFile.syncFolderIfPresent(source.removingLastComponent())
                    return target
                }
            } catch let error as FileError where error.systemError == EXDEV {
                if try copyAcross(source, to: target, onProgress: onProgress, isRight: isRight) {
                    return try FileStamp.existing(source) == nil ? target : nil
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
        _ source: FilePath, to target: FilePath, onProgress: () -> Void, isRight: (FilePath) throws -> Bool
    ) throws -> Bool {
        let descriptor = try RegularFile.open(source)
        defer { try? descriptor.close() }
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else { throw FileError.system("examined", source) }
        let temporary = TemporaryOutput.path(in: target.removingLastComponent(), id: 0)
        let copy = try DurableFile.create(
            temporary, permissions: FilePermissions(rawValue: CModeT(status.st_mode & 0o777)))
        defer { try? copy.close() }
        do {
            var unsynced = 0
            _ = try DurableFile.copy(from: descriptor, to: copy, name: source) { count in
                onProgress()
                unsynced += count
                // A single sync at the end would take minutes, and meanwhile this thread could not show that it makes
                // progress.
                if unsynced >= mostUnsynced {
                    try DurableFile.sync(copy, name: temporary)
                    unsynced = 0
                }
            }
            var times = [status.st_atim, status.st_mtim]
            futimens(copy.rawValue, &times)
            try DurableFile.sync(copy, name: temporary)
            guard try DurableFile.renameWithoutReplacing(temporary, to: target) else {
                try DurableFile.remove(temporary)
                return false
            }
            try DurableFile.syncFolder(target.removingLastComponent())
        } catch {
            try? DurableFile.remove(temporary)
            throw error
        }
        guard try isRight(source), try FileStamp.existing(source)?.stamp == FileStamp(status) else {
            try DurableFile.remove(target)
            return true
        }
        try DurableFile.remove(source)
        try DurableFile.syncFolderIfPresent(source.removingLastComponent())
        return true
    }

    private typealias CModeT = CInterop.Mode
}
