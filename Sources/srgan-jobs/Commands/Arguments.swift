import Foundation
import SystemPackage

/// Reads paths from the command line as bytes.
enum Arguments {
    /// The absolute paths of the files that were parsed as `texts`.
    ///
    /// Swift's `CommandLine.arguments` replaces bytes that are not UTF-8, and the changed name does not exist.
    /// Therefore each text is looked up among the raw arguments.
    static func paths(_ texts: [String], arguments: [FilePath] = unsafeArguments) -> [FilePath] {
        var left = arguments.map { (text: $0.string, path: $0) }
        return texts.map { text in
            // Searches from the end, because the value of an option may have the same text and stands earlier.
            guard let index = left.lastIndex(where: { $0.text == FilePath(text).string }) else {
                return absolute(FilePath(text))
            }
            return absolute(left.remove(at: index).path)
        }
    }

    /// The absolute path. `.` and `..` are not resolved, since a folder may be a symbolic link.
    static func absolute(_ path: FilePath) -> FilePath {
        path.isAbsolute ? path : FilePath(FileManager.default.currentDirectoryPath).pushing(path)
    }

    /// The raw arguments.
    private static var unsafeArguments: [FilePath] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { FilePath(platformString: $0) }
        }
    }
}
