import Glibc
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Moves originals without ever replacing a file, across file systems too.
package enum FileMover {
    /// A copy is synced each time this many bytes were written.
    private static let mostUnsynced = 256 << 20

    /// Moves a file into a folder.
    ///
    /// - onProgress: called repeatedly while the file is copied to another file system.
    /// - isRight: true for the file that is meant. A file that turns out to be another one is moved back.
    /// - Returns: where the file is now; nil when it was another one.
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
                // Both names are of one file: a power cut kept only half of the rename.
                try DurableFile.syncFolder(folder)
                try DurableFile.remove(source)
                try DurableFile.syncFolderIfPresent(source.removingLastComponent())
                return target
            }
            do {
                if try DurableFile.renameWithoutReplacing(source, to: target) {
                    guard try isRight(target) else {
                        // Another file took the name between the check and the rename.
                        _ = try DurableFile.renameWithoutReplacing(target, to: source)
                        return nil
                    }
                    // The new folder first: the file must never be without a name. Then the old folder, before the
                    // queue notes the move: a file that is back there after a power cut would be taken for a new image.
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
    /// - Returns: false when the name is taken. The source stays when it is no longer the right file.
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
                // Not only at the end: there a sync would take minutes, without a sign that this thread is alive.
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
