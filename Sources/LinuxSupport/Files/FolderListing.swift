import Glibc
import SystemPackage

/// Lists folders by bytes, without following symbolic links.
enum FolderListing {
    /// The regular files directly in a folder; none when it cannot be read.
    static func files(in folder: FilePath) -> [FilePath] { list(folder).files }

    /// Removes what outputs were called before they were published, in a folder and all below it; returns how many.
    ///
    /// - keep: temporary outputs that a job still needs.
    static func removeTemporaryOutputs(below folder: FilePath, keep: Set<FilePath>, depth: Int = 0) -> Int {
        let (files, folders) = list(folder)
        var removed = 0
        for file in files {
            guard let name = file.lastComponent, TemporaryOutput.isOne(name), !keep.contains(file) else { continue }
            if file.withPlatformString({ unlink($0) }) == 0 { removed += 1 }
        }
        guard depth < 100 else { return removed }
        for child in folders {
            removed += removeTemporaryOutputs(below: child, keep: keep, depth: depth + 1)
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

/// What an output is called until it is published: a dotfile, so no inbox takes it, in the folder that it will stay in.
enum TemporaryOutput {
    private static let prefix = ".srgan-"
    private static let suffix = ".part"

    /// A new name in `folder`.
    static func path(in folder: FilePath, id: Int64) -> FilePath {
        folder.appending("\(prefix)\(id)-\(String(UInt64.random(in: .min ... .max), radix: 16))\(suffix)")
    }

    static func isOne(_ name: FilePath.Component) -> Bool {
        let text = name.string
        return text.hasPrefix(prefix) && text.hasSuffix(suffix)
    }
}
