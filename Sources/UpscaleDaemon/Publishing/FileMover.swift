import Glibc
import LinuxSupport
import SystemPackage

/// Moves originals without ever replacing a file, across file systems too.
enum FileMover {
    /// After how many bytes a copy is made durable as far as it is.
    private static let mostUnsynced = 256 << 20

    /// Moves a file into a folder.
    ///
    /// - onProgress: called again and again while the file is copied to another file system.
    /// - isRight: tells whether what was moved is the file that was meant; it is moved back if not.
    /// - Returns: where the file is now; nil when it was another one.
    static func move(
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
                // One file under both names: a power cut came between the two halves of the rename.
                try DurableFile.syncFolder(folder)
                try DurableFile.remove(source)
                try DurableFile.syncFolderIfPresent(source.removingLastComponent())
                return target
            }
            do {
                if try DurableFile.renameWithoutReplacing(source, to: target) {
                    guard try isRight(target) else {
                        // Somebody put another file under the name between the look and the rename.
                        _ = try DurableFile.renameWithoutReplacing(target, to: source)
                        return nil
                    }
                    // The new name first: the file must never have none. The old one too, before the queue notes the move:
                    // back after a power cut, it would be taken for a new image.
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

    /// Copy, fsync, rename, unlink.
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
                // In between too: at the end it would take minutes, in which nothing shows that this thread lives.
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
