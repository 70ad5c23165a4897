import Glibc
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Creates the folder of a job's output, which mirrors a subfolder of the inbox below the outbox.
enum OutputFolder {
    /// Creates the folder durably.
    ///
    /// If a file has the name of a folder on the way, for example the output of an earlier `a.png` when images arrive in
    /// a subfolder `a.png`, the folder gets the next free name: `a (2).png`. Later jobs find and use the same folder. A
    /// file in place of the outbox itself is an error.
    ///
    /// - outboxes: the configured outboxes; the deepest one that contains the folder is the job's.
    /// - Returns: the folder that exists now.
    /// - Throws: `FileError`.
    static func create(_ folder: FilePath, outboxes: [FilePath]) throws -> FilePath {
        do {
            try DurableFile.createFolder(folder)
            return folder
        } catch let error as FileError where error.systemError == ENOTDIR {
            let outbox = outboxes.filter { folder.starts(with: $0) }.max { $0.length < $1.length }
            guard let outbox, folder != outbox else { throw error }
            var relative = folder
            _ = relative.removePrefix(outbox)
            var place = outbox
            for name in relative.components {
                place = try free(name, in: place)
                try DurableFile.createFolder(place)
            }
            return place
        }
    }

    /// The first name in a folder that belongs to a folder or to nothing.
    private static func free(_ name: FilePath.Component, in folder: FilePath) throws -> FilePath {
        var number = 1
        while true {
            let path = folder.appending(OutputNaming.alternative(name, number: number))
            var status = stat()
            guard path.withPlatformString({ stat($0, &status) }) == 0 else {
                // A dangling link belongs to nothing, but a folder cannot be created in its place.
                guard try FileStamp.existing(path) != nil else { return path }
                number += 1
                continue
            }
            if status.st_mode & S_IFMT == S_IFDIR { return path }
            number += 1
        }
    }
}
