import Glibc
import SystemPackage

/// Lists folders by the bytes of their names, without following symbolic links.
public enum FolderListing {
    /// The maximum depth of subfolders; deeper ones are left out.
    private static let deepest = 100

    /// The regular files directly in a folder; none when it cannot be read.
    public static func files(in folder: FilePath) -> [FilePath] { list(folder).files }

    /// Removes the regular files that meet a condition, in a folder and in all folders below it; returns the number of
    /// removed files.
    public static func removeFiles(below folder: FilePath, where isUnwanted: (FilePath) -> Bool) -> Int {
        removeFiles(below: folder, depth: 0, where: isUnwanted)
    }

    private static func removeFiles(
        below folder: FilePath, depth: Int, where isUnwanted: (FilePath) -> Bool
    ) -> Int {
        let (files, folders) = list(folder)
        var removed = 0
        for file in files where isUnwanted(file) {
            if file.withPlatformString({ unlink($0) }) == 0 { removed += 1 }
        }
        guard depth < deepest else { return removed }
        for child in folders {
            removed += removeFiles(below: child, depth: depth + 1, where: isUnwanted)
        }
        return removed
    }

    private static func list(_ folder: FilePath) -> (files: [FilePath], folders: [FilePath]) {
        guard let directory = folder.withPlatformString({ opendir($0) }) else { return ([], []) }
        defer { closedir(directory) }
        var files: [FilePath] = []
        var folders: [FilePath] = []
        while let record = readdir(directory) {
            let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
            let text = (UnsafeRawPointer(record) + offset).assumingMemoryBound(to: CChar.self)
            guard let name = FilePath.Component(platformString: text), name.kind == .regular else { continue }
            var status = stat()
            guard name.withPlatformString({ fstatat(dirfd(directory), $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
                continue
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG: files.append(folder.appending(name))
            case S_IFDIR: folders.append(folder.appending(name))
            default: break
            }
        }
        return (files, folders)
    }
}
