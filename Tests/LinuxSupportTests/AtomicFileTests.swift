import Foundation
import SystemPackage
import Testing

@testable import LinuxSupport

@Suite struct AtomicFileTests {
    private struct Refused: Error {}

    private let folder = FilePath(NSTemporaryDirectory()).appending("atomic-\(UInt64.random(in: .min ... .max))")

    private func inFolder(_ body: (_ path: FilePath, _ temporary: FilePath) throws -> Void) throws {
        try DurableFile.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        try body(folder.appending("file"), folder.appending(".file"))
        #expect(try FileStamp.existing(folder.appending(".file")) == nil, "the temporary file is left")
    }

    @Test(arguments: [AtomicFile.Durability.none, .content, .contentAndName])
    func aFileIsReplaced(_ durability: AtomicFile.Durability) throws {
        try inFolder { path, temporary in
            for text in ["first", "second"] {
                try AtomicFile.write(
                    text.utf8, to: path, temporary: temporary, permissions: [.ownerReadWrite], durability: durability)
                #expect(try RegularFile.read(path, limit: 100) == Array(text.utf8))
            }
        }
    }

    @Test func aTakenNameIsKept() throws {
        try inFolder { path, temporary in
            let permissions: FilePermissions = [.ownerReadWrite]
            let first = try AtomicFile.write(to: path, temporary: temporary, permissions: permissions, replacing: false)
            {
                try $0.writeAll("first".utf8)
            }
            let second = try AtomicFile.write(
                to: path, temporary: temporary, permissions: permissions, replacing: false
            ) {
                try $0.writeAll("second".utf8)
            }
            #expect(first != nil && second == nil)
            #expect(try RegularFile.read(path, limit: 100) == Array("first".utf8))
        }
    }

    @Test func aFailureLeavesTheOldFile() throws {
        try inFolder { path, temporary in
            try AtomicFile.write("old".utf8, to: path, temporary: temporary, permissions: [.ownerReadWrite])
            #expect(throws: Refused.self) {
                try AtomicFile.write(to: path, temporary: temporary, permissions: [.ownerReadWrite]) { _ in
                    throw Refused()
                }
            }
            #expect(try RegularFile.read(path, limit: 100) == Array("old".utf8))
        }
    }
}
