import Foundation
import SystemPackage

/// How a folder can be out of reach without being empty.
enum Unreachable: CaseIterable {
    case vanished, unanswering

    /// Takes the folder away while `body` runs.
    func during(_ folder: FilePath, _ body: () throws -> Void) throws {
        let away = FilePath(folder.string + ".away")
        guard rename(folder.string, away.string) == 0 else { throw Errno(rawValue: errno) }
        // Whatever is asked for below a link to itself, the answer is an error, and not that there is nothing.
        if self == .unanswering { symlink(folder.string, folder.string) }
        try body()
        if self == .unanswering { unlink(folder.string) }
        guard rename(away.string, folder.string) == 0 else { throw Errno(rawValue: errno) }
    }
}
