import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

@testable import QueueControl
@testable import UpscaleDaemon

/// Files that describe an image travel with its original.
@Suite struct SidecarTests {
    private let service: TestService

    init() throws { service = try TestService() }

    private func complete(_ name: String) throws {
        let (job, claim, temporary) = try service.running(name)
        try service.publish(job, claim, temporary)
    }

    @Test func sidecarsGoToTheArchive() throws {
        try service.folder.makeFolder("in/trip")
        let names = ["a.jpg.xmp", "a.xmp", "a.AAE", "a.json", "a.jpg.supplemental-metadata.json"]
        for name in names + ["b.xmp", "a.doc", "notes.txt"] { try service.folder.write(name, to: "in/trip/\(name)") }
        try complete("trip/a.jpg")
        #expect(service.folder.names(in: "archive/trip") == (names + ["a.jpg"]).sorted())
        #expect(service.folder.read("archive/trip/a.xmp") == "a.xmp")
        #expect(service.folder.names(in: "in/trip") == ["a.doc", "b.xmp", "notes.txt"])
    }

    @Test func nothingIsReplaced() throws {
        for name in ["a.jpg", "a.xmp", "a (2).xmp"] { try service.folder.write("old", to: "archive/\(name)") }
        try service.folder.write("new", to: "in/a.xmp")
        try complete("a.jpg")
        #expect(service.folder.names(in: "archive") == ["a (2) (2).xmp", "a (2).jpg", "a (2).xmp", "a.jpg", "a.xmp"])
        #expect(service.folder.read("archive/a (2).xmp") == "old" && service.folder.read("archive/a.xmp") == "old")
        #expect(service.folder.read("archive/a (2) (2).xmp") == "new")
    }

    @Test func aSidecarOfSeveralImagesTravelsWithTheLast() throws {
        try service.folder.write("both", to: "in/a.xmp")
        try service.folder.write("raw", to: "in/a.NEF")
        try complete("a.jpg")
        #expect(service.folder.names(in: "in") == ["a.NEF", "a.xmp"])
        try complete("a.NEF")
        #expect(service.folder.names(in: "in") == [])
        #expect(service.folder.names(in: "archive") == ["a.NEF", "a.jpg", "a.xmp"])
    }

    @Test func sidecarsOfAFailedImageGoToTheFailedFolder() throws {
        try service.folder.write("x", to: "in/a.jpg.xmp")
        service.disposer.dispose(try service.failed("a.jpg").id)
        #expect(service.folder.names(in: "failed") == ["a.jpg", "a.jpg.reason.txt", "a.jpg.xmp"])
    }

    /// The service was killed after it moved the original and before it moved the sidecar.
    @Test func anInterruptedMoveIsCompleted() throws {
        try service.folder.write("x", to: "in/a.xmp")
        let job = try service.completed("a.jpg")
        rename(job.input.source.string, service.folder.path.pushing("archive/a.jpg").string)
        service.disposer.dispose(job.id)
        #expect(service.folder.names(in: "archive") == ["a.jpg", "a.xmp"])
    }

    @Test(arguments: ["keep", "delete"]) func sidecarsStayWhereNoOriginalIsMoved(originals: String) throws {
        try service.configure(inbox: "originals = \"\(originals)\"")
        try service.folder.write("x", to: "in/a.xmp")
        try complete("a.jpg")
        #expect(service.folder.names(in: "in") == (originals == "keep" ? ["a.jpg", "a.xmp"] : ["a.xmp"]))
    }

    @Test func aLinkIsNoSidecar() throws {
        symlink("/etc/hostname", service.inbox.configuration.path.appending("a.xmp").string)
        try complete("a.jpg")
        #expect(service.folder.names(in: "in") == ["a.xmp"])
    }

    // MARK: - Writers

    /// What the program writes after the removal would be lost.
    @Test func anOriginalIsNotDeletedWhileAProcessWritesIt() throws {
        try service.configure(inbox: "originals = \"delete\"")
        let job = try service.completed("a.jpg")
        let writer = try FileDescriptor.open(job.input.source, .writeOnly)
        service.disposer.dispose(job.id)
        #expect(service.folder.names(in: "in") == ["a.jpg"])
        #expect(service.undisposed == [job.id])
        try writer.close()
        service.disposer.dispose(job.id)
        #expect(service.folder.names(in: "in") == [])
    }

    @Test(.enabled(if: OtherFileSystem.isThere, "needs /dev/shm on a file system of its own"))
    func anOriginalIsNotMovedToAnotherDiskWhileAProcessWritesIt() throws {
        let other = try OtherFileSystem()
        try service.configure(inbox: "archive = \"\(other.path)\"")
        let job = try service.completed("a.jpg")
        let writer = try FileDescriptor.open(job.input.source, .writeOnly)
        service.disposer.dispose(job.id)
        #expect(service.folder.names(in: "in") == ["a.jpg"])
        #expect(FolderListing.files(in: other.path) == [])
        try writer.close()
        service.disposer.dispose(job.id)
        #expect(service.folder.names(in: "in") == [])
        #expect(FolderListing.files(in: other.path).map(\.lastComponent) == ["a.jpg"])
    }
}
