import Foundation
import SystemPackage

/// Ways in which a folder can be unreachable without being empty.
enum Unreachable: CaseIterable {
    case vanished, unanswering

    /// Makes the folder unreachable while `body` runs.
    func during(_ folder: FilePath, _ body: () throws -> Void) throws {
        let away = FilePath(folder.string + ".away")
        guard rename(folder.string, away.string) == 0 else { throw Errno(rawValue: errno) }
        // Below a link to itself, every access returns an error and never "does not exist".
        if self == .unanswering { symlink(folder.string, folder.string) }
        try body()
        if self == .unanswering { unlink(folder.string) }
        guard rename(away.string, folder.string) == 0 else { throw Errno(rawValue: errno) }
    }
}
