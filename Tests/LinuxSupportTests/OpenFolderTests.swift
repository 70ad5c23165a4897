import Foundation
import SystemPackage
import Testing

@testable import LinuxSupport

@Suite struct OpenFolderTests {
    private let path = FilePath(NSTemporaryDirectory()).appending("open-\(UInt64.random(in: .min ... .max))")

    private func inFolder(_ body: (OpenFolder) throws -> Void) throws {
        try DurableFile.createFolder(path.appending("root"))
        try DurableFile.createFolder(path.pushing("elsewhere/sub"))
        defer { try? FileManager.default.removeItem(atPath: path.string) }
        try body(OpenFolder(trusting: path.appending("root")))
    }

    private func write(_ text: String, to entry: FolderEntry) throws {
        let descriptor = try entry.create(permissions: [.ownerReadWrite])
        try descriptor.closeAfter { _ = try descriptor.writeAll(text.utf8) }
    }

    @Test func foldersAreCreatedAndReached() throws {
        try inFolder { root in
            #expect(throws: FileError.self) { try root.folder("a/b") }
            let folder = try root.creatingFolder("a/b")
            #expect(folder.path == path.pushing("root/a/b"))
            try write("text", to: folder.entry("file"))
            #expect(try root.folder("a/b").entry("file").read(limit: 10) == Array("text".utf8))
            #expect(try root.creatingFolder("a/b").isSame(as: folder.path))
            #expect(try root.folder("").isSame(as: root.path))
        }
    }

    @Test func aLinkIsNeverFollowed() throws {
        try inFolder { root in
            symlink(path.appending("elsewhere").string, root.path.appending("link").string)
            for relative: FilePath in ["link", "link/sub", "link/new"] {
                let error = #expect(throws: FileError.self) { try root.folder(relative) }
                #expect(error?.systemError == ELOOP && error?.message.contains("symbolic link") == true)
                #expect(throws: FileError.self) { try root.creatingFolder(relative) }
            }
            let file = path.pushing("elsewhere/file")
            try write("text", to: OpenFolder(trusting: path.appending("elsewhere")).entry("file"))
            symlink(file.string, root.path.appending("file").string)
            let error = #expect(throws: FileError.self) { try root.entry("file").open() }
            #expect(error?.systemError == ELOOP)
            #expect(throws: FileError.self) { try root.entry("file").create(permissions: [.ownerReadWrite]) }
            #expect(try root.entry("file").existing()?.isRegular == false)
            try root.entry("file").remove()
            #expect(FileStamp.of(file)?.isRegular == true)
            #expect(
                FileManager.default.subpaths(atPath: path.appending("elsewhere").string)?.sorted() == ["file", "sub"])
        }
    }

    @Test(arguments: ["..", "a/../../elsewhere", "/etc", "./a"]) func aPathThatLeadsOutIsRefused(_ relative: String)
        throws
    {
        try inFolder { root in
            _ = try root.creatingFolder("a")
            for body in [root.folder, root.creatingFolder] {
                let error = #expect(throws: FileError.self) { try body(FilePath(relative)) }
                #expect(error?.systemError == EINVAL)
            }
        }
    }

    /// The opened folder stays the same folder when its path belongs to another one.
    @Test func anOpenFolderIsNotExchanged() throws {
        try inFolder { root in
            let folder = try root.creatingFolder("sub")
            rename(folder.path.string, root.path.appending("away").string)
            symlink(path.appending("elsewhere").string, folder.path.string)
            try write("text", to: folder.entry("file"))
            #expect(try folder.entry("file").renameWithoutReplacing(to: folder.entry("new")))
            #expect(FileStamp.of(root.path.pushing("away/new")) != nil)
            #expect(FileStamp.of(path.pushing("elsewhere/new")) == nil)
        }
    }

    @Test func aRenameReplacesNothing() throws {
        try inFolder { root in
            try write("mine", to: root.entry("a"))
            try write("yours", to: root.entry("b"))
            #expect(try !root.entry("a").renameWithoutReplacing(to: root.entry("b")))
            #expect(try root.entry("b").read(limit: 10) == Array("yours".utf8))
        }
    }
}
