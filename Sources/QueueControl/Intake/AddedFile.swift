import Glibc
import LinuxSupport
import SystemPackage

/// A file that a person adds to the queue, and the subfolder of the outbox for its output.
package struct AddedFile: Equatable {
    /// The absolute path.
    package let path: FilePath
    /// The subfolder; empty for a file that was given by its name.
    package let subfolder: FilePath
    /// Why nothing can be added, in a full sentence; nil for a file that can be tried.
    package var problem: String?

    /// The most levels of subfolders that are added.
    private static let deepest = 100

    /// The files that a path stands for: the file itself, or all files in the folder and its subfolders that the rules
    /// do not ignore, sorted by name. Symbolic links in the folder are not followed.
    package static func files(at path: FilePath, rules: IgnoreRules) -> [AddedFile] {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            return [AddedFile(path: path, subfolder: FilePath())]
        }
        var files: [AddedFile] = []
        do {
            try add(OpenFolder(trusting: path), relative: "", rules: rules, to: &files)
        } catch {
            return [AddedFile(path: path, subfolder: FilePath(), problem: "\(error)")]
        }
        let isEmpty = AddedFile(path: path, subfolder: FilePath(), problem: "The folder has no file to add.")
        return files.isEmpty ? [isEmpty] : files
    }

    private static func add(
        _ folder: OpenFolder, relative: FilePath, rules: IgnoreRules, to files: inout [AddedFile]
    ) throws {
        var entries: [(name: FilePath.Component, isFolder: Bool)] = []
        try folder.forEachEntry { name, status in
            switch status.st_mode & S_IFMT {
            case S_IFREG where !rules.ignoresFile(relative.appending(name)): entries.append((name, false))
            case S_IFDIR where !rules.ignoresFolder(relative.appending(name)): entries.append((name, true))
            default: break
            }
        }
        for (name, isFolder) in entries.sorted(by: { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }) {
            let path = folder.path.appending(name)
            guard isFolder else {
                files.append(AddedFile(path: path, subfolder: relative))
                continue
            }
            do {
                let place = relative.appending(name)
                guard place.components.count <= deepest else {
                    throw FileError(.inputOutput, "\(path.escaped) is more than \(deepest) levels deep.")
                }
                try add(folder.folder(FilePath(root: nil, [name])), relative: place, rules: rules, to: &files)
            } catch {
                files.append(AddedFile(path: path, subfolder: relative, problem: "\(error)"))
            }
        }
    }
}
