import Glibc
import SystemPackage

/// Lists folders by the bytes of their names, without following symbolic links.
public enum FolderListing {
    /// The maximum depth of subfolders; deeper ones are left out.
    private static let deepest = 100

    /// The regular files directly in a folder; none when it cannot be read.
    public static func files(in folder: FilePath) -> [FilePath] {
        (try? OpenFolder(trusting: folder)).map { list($0).files.map(\.path) } ?? []
    }

    /// Removes the regular files whose names meet a condition, in a folder and in all folders below it; returns the
    /// number of removed files.
    public static func removeFiles(below folder: OpenFolder, where isUnwanted: (FilePath.Component) -> Bool) -> Int {
        removeFiles(below: folder, depth: 0, where: isUnwanted)
    }

    private static func removeFiles(
        below folder: OpenFolder, depth: Int, where isUnwanted: (FilePath.Component) -> Bool
    ) -> Int {
        let (files, folders) = list(folder)
        var removed = 0
        for file in files where isUnwanted(file.name) {
            if (try? file.remove()) != nil { removed += 1 }
        }
        guard depth < deepest else { return removed }
        for name in folders {
            guard let child = try? folder.folder(FilePath(root: nil, [name])) else { continue }
            removed += removeFiles(below: child, depth: depth + 1, where: isUnwanted)
        }
        return removed
    }

    private static func list(_ folder: OpenFolder) -> (files: [FolderEntry], folders: [FilePath.Component]) {
        var files: [FolderEntry] = []
        var folders: [FilePath.Component] = []
        // What was listed before an error is used.
        try? folder.forEachEntry { name, status in
            switch status.st_mode & S_IFMT {
            case S_IFREG: files.append(folder.entry(name))
            case S_IFDIR: folders.append(name)
            default: break
            }
        }
        return (files, folders)
    }
}
