import Foundation
import SystemPackage

/// Reads paths from the command line as bytes.
enum Arguments {
    /// The absolute paths of the file arguments that the parser returned as `texts`.
    ///
    /// Swift's `CommandLine.arguments`, which the parser reads, replaces bytes that are not UTF-8, so a text from the
    /// parser may not be the name of the file. Therefore each text is looked up among the raw arguments, which have the
    /// original bytes.
    static func paths(_ texts: [String], arguments: [FilePath] = unsafeArguments) -> [FilePath] {
        var left = arguments.map { (text: $0.string, path: $0) }
        return texts.map { text in
            // The search starts at the end, because the value of an earlier option may have the same text.
            guard let index = left.lastIndex(where: { $0.text == FilePath(text).string }) else {
                return absolute(FilePath(text))
            }
            return absolute(left.remove(at: index).path)
        }
    }

    /// The absolute path. `.` and `..` are not removed, because `..` after a symbolic link does not lead back to the
    /// folder that contains the link.
    static func absolute(_ path: FilePath) -> FilePath {
        path.isAbsolute ? path : FilePath(FileManager.default.currentDirectoryPath).pushing(path)
    }

    /// The arguments of this process as bytes, without the program's name.
    private static var unsafeArguments: [FilePath] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { FilePath(platformString: $0) }
        }
    }
}
