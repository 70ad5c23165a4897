import Foundation
import SystemPackage

/// Names on the command line, as the bytes that they are.
enum Arguments {
    /// The absolute paths of the files that were parsed as `texts`.
    ///
    /// Swift's `CommandLine.arguments` repairs what is not UTF-8, and a repaired name names no file: each text is looked up among
    /// the arguments as the kernel handed them over.
    static func paths(_ texts: [String], arguments: [FilePath] = unsafeArguments) -> [FilePath] {
        var left = arguments.map { (text: $0.string, path: $0) }
        return texts.map { text in
            // From the end: an option's value of the same text stands before.
            guard let index = left.lastIndex(where: { $0.text == FilePath(text).string }) else {
                return absolute(FilePath(text))
            }
            return absolute(left.remove(at: index).path)
        }
    }

    /// The path from the root, without `.` and `..` resolved: a folder may be a symbolic link.
    static func absolute(_ path: FilePath) -> FilePath {
        path.isAbsolute ? path : FilePath(FileManager.default.currentDirectoryPath).pushing(path)
    }

    /// The arguments' bytes.
    private static var unsafeArguments: [FilePath] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { FilePath(platformString: $0) }
        }
    }
}
