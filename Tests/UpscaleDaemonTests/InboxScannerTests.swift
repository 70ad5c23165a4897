import Foundation
import LinuxSupport
import SystemPackage
import Testing

@testable import QueueControl
@testable import ServiceConfiguration
@testable import UpscaleDaemon

@Suite struct InboxScannerTests {
    private func scanner(_ service: TestService) -> InboxScanner { InboxScanner(service.inbox.configuration) }

    private func names(_ service: TestService) throws -> Set<String> {
        Set(try scanner(service).scan().entries.map(\.relative.escaped))
    }

    @Test func ignoresPartialFilesAndSystemFiles() throws {
        let service = try TestService(inbox: "ignore = [\"*.raw\", \"drafts/*\"]")
        for folder in ["@eaDir", ".stfolder", ".Trash-0", "__MACOSX", "drafts", "kept"] {
            try service.folder.makeFolder("in/\(folder)")
            try service.folder.write("x", to: "in/\(folder)/a.jpg")
        }
        for name in [
            "a.jpg", "b.part", "c.crdownload", "d.tmp", "e~", ".f.jpg", ".~lock.g.odt#", "Thumbs.db", "desktop.ini",
            "h.raw", "-i.jpg", "[j].jpg",
        ] { try service.folder.write("x", to: "in/\(name)") }
        #expect(try names(service) == ["a.jpg", "kept/a.jpg", "-i.jpg", "[j].jpg"])
    }

    @Test(arguments: [
        "#recycle", "@Recycle", "$RECYCLE.BIN", "lost+found", "System Volume Information", "@tmp", ".Trash-1000",
        "@eaDir", ".stfolder", ".stversions", ".sync", "#snapshot", "RECYCLER", "found.000", ".@__thumb",
        "@Recently-Snapshot", "Network Trash Folder", ".zfs",
    ])
    func recycleBinsAndVendorsFoldersAreLeftAlone(_ name: String) throws {
        let service = try TestService()
        try service.folder.makeFolder("in/trip/\(name)/deeper")
        try service.folder.write("x", to: "in/trip/\(name)/a.jpg")
        try service.folder.write("x", to: "in/trip/\(name)/deeper/a.jpg")
        #expect(try names(service) == [])
        let path = service.inbox.configuration.path.pushing(FilePath("trip/\(name)/deeper/a.jpg"))
        #expect(scanner(service).entry(at: path) == nil)
    }

    @Test(arguments: [
        "a.jpg.filepart", "a.jpg.aria2", "a.jpg.opdownload", "a.jpg.!ut", "a.jpg.!sync", "~$a.jpg", "a.jpg.partial",
        "a.temp", "a.jpg.crdownload", "a.jpg.PART", "a.TMP", ".a.jpg.Xy12Zq", ".syncthing.a.jpg.tmp",
        "~syncthing~a.jpg.tmp", "a.jpg.download", "a.jpg.!qB", "a.jpg.gdownload", "a.jpg.ffs_tmp", "THUMBS.DB",
    ])
    func temporaryNamesOfProgramsAreIgnored(_ name: String) throws {
        let service = try TestService()
        try service.folder.write("x", to: "in/\(name)")
        try service.folder.write("x", to: "in/b.jpg")
        #expect(try names(service) == ["b.jpg"])
    }

    /// aria2 and Firefox create the final name before the file is complete, and a second file beside it.
    @Test(arguments: [".aria2", ".part"]) func aFileWithACompanionIsUnfinished(_ suffix: String) throws {
        let service = try TestService()
        let path = try service.folder.write("half", to: "in/a.jpg")
        try service.folder.write("x", to: "in/a.jpg\(suffix)")
        #expect(try names(service) == [] && scanner(service).entry(at: path) == nil)
        unlink(path.string + suffix)
        #expect(try names(service) == ["a.jpg"] && scanner(service).entry(at: path) != nil)
    }

    @Test func subfoldersBelongToTheInboxOnlyWhenRecursive() throws {
        let service = try TestService(inbox: "recursive = false")
        try service.folder.makeFolder("in/sub")
        let file = try service.folder.write("x", to: "in/sub/a.jpg")
        try service.folder.write("x", to: "in/b.jpg")
        #expect(try names(service) == ["b.jpg"])
        #expect(scanner(service).entry(at: file) == nil)
    }

    @Test func namesAreBytes() throws {
        let service = try TestService()
        let path = service.inbox.configuration.path.appending(
            FilePath.Component(bytes: [0x61, 0xFF, 0x0A, 0x1B, 0x2E, 0x6A, 0x70, 0x67]))
        let descriptor = try DurableFile.create(path, permissions: [.ownerReadWrite])
        try descriptor.close()
        #expect(try scanner(service).scan().entries.map(\.path) == [path])
        #expect(scanner(service).entry(at: path)?.path == path)
        #expect(try names(service) == ["a\\xff\\n\\x1b.jpg"])
    }

    @Test func linksAndPipesAreReportedButNeverFollowedOrOpened() throws {
        let service = try TestService()
        let root = service.inbox.configuration.path
        try service.folder.makeFolder("elsewhere")
        let outside = try service.folder.write("x", to: "elsewhere/a.jpg")
        symlink(outside.string, root.appending("link.jpg").string)
        symlink(service.folder.path.appending("elsewhere").string, root.appending("folder").string)
        mkfifo(root.appending("fifo.jpg").string, 0o600)
        let entries = try scanner(service).scan().entries
        #expect(Set(entries.map(\.relative)) == ["link.jpg", "folder", "fifo.jpg"])
        #expect(entries.allSatisfy { !$0.isRegular })
        #expect(scanner(service).entry(at: root.pushing("folder/a.jpg")) == nil)
        let entry = InboxScanner.Entry(
            path: root.pushing("folder/a.jpg"), relative: "folder/a.jpg", stamp: FileStamp.of(outside)!.stamp,
            isRegular: true)
        #expect(throws: FileError.self) { try scanner(service).open(entry) }
    }

    @Test func oneSubfolderCanBeScannedAlone() throws {
        let service = try TestService()
        let root = service.inbox.configuration.path
        for folder in ["a/b", "c", ".hidden/d"] {
            try service.folder.makeFolder("in/\(folder)")
            try service.folder.write("x", to: "in/\(folder)/x.jpg")
        }
        symlink("/etc", root.appending("link").string)
        var folders: [FilePath] = []
        let result = try scanner(service).scan(below: root.appending("a"), onFolder: { folders.append($0) })
        #expect(result.entries.map(\.relative) == ["a/b/x.jpg"])
        #expect(folders == [root.appending("a"), root.pushing("a/b")])
        for other in ["gone", "link", ".hidden/d", "../state"] {
            folders = []
            _ = try scanner(service).scan(below: root.pushing(FilePath(other)), onFolder: { folders.append($0) })
            #expect(folders == [], "\(other)")
        }
    }

    @Test func aMissingInboxIsAnError() throws {
        let service = try TestService()
        try FileManager.default.removeItem(atPath: service.inbox.configuration.path.string)
        #expect(throws: FileError.self) { try scanner(service).scan() }
    }
}
