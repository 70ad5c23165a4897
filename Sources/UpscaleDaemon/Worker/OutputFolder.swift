import Glibc
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Creates the folder of a job's output, which mirrors a subfolder of the inbox below the outbox.
enum OutputFolder {
    /// Creates the folder durably.
    ///
    /// If a file has the name of a folder on the way, for example the output of an earlier `a.png` when images arrive in
    /// a subfolder `a.png`, the folder gets the next free name: `a (2).png`. Later jobs find and use the same folder. A
    /// file in place of the outbox itself is an error, and so is a symbolic link below it.
    ///
    /// - Returns: the folder that exists now.
    /// - Throws: `FileError`.
    static func create(_ folder: FilePath, in folders: ConfiguredFolders) throws -> OpenFolder {
        do {
            return try folders.create(folder)
        } catch let error as FileError where error.systemError == ENOTDIR && error.code != .folderUnavailable {
            guard let outbox = folders.root(of: folder) else { throw error }
            var relative = folder
            _ = relative.removePrefix(outbox)
            var place = try folders.create(outbox)
            for name in relative.components { place = try create(name, in: place) }
            return place
        }
    }

    /// Creates a folder under the first name that belongs to a folder, to a symbolic link (an error) or to nothing.
    private static func create(_ name: FilePath.Component, in folder: OpenFolder) throws -> OpenFolder {
        var number = 1
        while true {
            let entry = folder.entry(OutputNaming.alternative(name, number: number))
            let kind = try entry.status().map { $0.st_mode & S_IFMT } ?? S_IFDIR
            if kind == S_IFDIR || kind == S_IFLNK {
                return try folder.creatingFolder(FilePath(root: nil, [entry.name]))
            }
            number += 1
        }
    }
}
