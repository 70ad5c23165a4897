import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

/// People who may write into the folders of the service replace subfolders by symbolic links. Nothing appears, vanishes
/// or is read outside.
@Suite struct DaemonSymbolicLinkTests {
    private static let often = "[service]\nrescan_seconds = 1"
    private static let broken = Data("no image".utf8)

    private func link(_ daemon: DaemonHarness, _ name: String, to target: String) {
        symlink(daemon.path(target).string, daemon.path(name).string)
    }

    /// Exchanges two names in one step (RENAME_EXCHANGE of renameat2, which Swift's Glibc module hides).
    private static func exchange(_ first: FilePath, _ second: FilePath) {
        typealias Call = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
        let renameat2 = unsafeBitCast(dlsym(nil, "renameat2"), to: Call.self)
        _ = renameat2(AT_FDCWD, first.string, AT_FDCWD, second.string, 2)
    }

    @Test func linksInEachFolderAreNotFollowed() throws {
        let daemon = try DaemonHarness(sections: Self.often)
        for name in ["elsewhere", "outbox", "archive", "failed"] { try daemon.makeFolder(name) }
        try daemon.write(DaemonSamples.png(variant: 9), to: "elsewhere/hidden.png")
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/o/output.png")
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox/a/archived.png")
        try daemon.write(Self.broken, to: "inbox/f/failed.png")
        for name in ["outbox/o", "archive/a", "failed/f", "inbox/i"] { link(daemon, name, to: "elsewhere") }
        try daemon.start()
        let output = try daemon.wait(for: "output.png", .failed)
        #expect(output.reason == .inputOutputError && output.message?.contains("symbolic link") == true)
        for name in ["archived.png", "failed.png"] {
            try daemon.wait("\(name) to stay") { () -> Bool? in
                let isFinal = try daemon.job(name)?.state.isFinal == true
                return isFinal && daemon.log.contains("cannot move its original yet") ? true : nil
            }
        }
        #expect(daemon.exists("inbox/a/archived.png") && daemon.exists("inbox/f/failed.png"))
        #expect(daemon.files(below: "elsewhere") == ["hidden.png"])
        #expect(try daemon.job("hidden.png") == nil)

        for name in ["archive/a", "failed/f"] { unlink(daemon.path(name).string) }
        try daemon.wait(for: "archived.png", .completed)
        try daemon.wait(for: "failed.png", .failed)
        #expect(daemon.files(below: "archive") == ["a/archived.png"])
        #expect(daemon.exists("failed/f/failed.png"))
        #expect(daemon.files(below: "elsewhere") == ["hidden.png"])
    }

    /// A file with the name of SQLite's journal must not reach the state folder: SQLite would roll it back into the
    /// database.
    @Test(arguments: [false, true]) func nothingReachesTheStateFolder(_ isRoot: Bool) throws {
        let daemon = try DaemonHarness(sections: Self.often)
        try daemon.start()
        try daemon.stop()
        if isRoot {
            // After the start, the folder for failed originals itself becomes a link to the state folder.
            try daemon.start()
            rmdir(daemon.path("failed").string)
            link(daemon, "failed", to: "state")
        } else {
            link(daemon, "failed/sub", to: "state")
            try daemon.start()
        }
        let name = isRoot ? "srgan.db-journal.png" : "sub/srgan.db-journal.png"
        try daemon.write(Self.broken, to: "inbox/\(name)")
        try daemon.wait("the failure to be reported") {
            daemon.log.contains("cannot move its original yet") ? true : nil
        }
        #expect(daemon.exists("inbox/\(name)") && !daemon.exists("state/srgan.db-journal.png"))
        #expect(!daemon.files(below: "state").contains { $0.contains("reason") })
    }

    /// The links come and go while jobs run.
    @Test func foldersThatAreExchangedWhileJobsRunLeadNowhere() throws {
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 0", sections: Self.often)
        try daemon.change("[retry]", to: "[retry]\nmax_attempts = 100")
        let roots = ["inbox", "outbox", "archive", "failed"]
        for root in roots {
            for name in ["\(root)/sub", "elsewhere/\(root)", "links"] { try daemon.makeFolder(name) }
            link(daemon, "links/\(root)", to: "elsewhere/\(root)")
        }
        try daemon.write(DaemonSamples.png(variant: 99), to: "elsewhere/inbox/bait.png")
        let images = (0..<8).map { "image\($0).png" }
        for (number, name) in images.enumerated() {
            try daemon.write(DaemonSamples.png(variant: number), to: "inbox/sub/\(name)")
            try daemon.write(Self.broken + [UInt8(number)], to: "inbox/sub/broken\(number).png")
        }
        let end = daemon.path("end").string
        let ended = DispatchSemaphore(value: 0)
        let root = daemon.root
        Thread.detachNewThread {
            while access(end, F_OK) != 0 {
                // Twice, so that the folders have their own names at the end.
                for _ in 0..<2 {
                    for name in roots {
                        Self.exchange(root.pushing(FilePath("\(name)/sub")), root.pushing(FilePath("links/\(name)")))
                    }
                    usleep(20_000)
                }
            }
            ended.signal()
        }
        try daemon.start()
        try daemon.wait("some jobs to end") { daemon.endedJobs() >= 4 ? true : nil }
        try daemon.write(Data(), to: "end")
        ended.wait()
        try daemon.waitForEnds { daemon.endedJobs() >= 16 && daemon.files(below: "inbox").isEmpty }
        for name in ["outbox", "archive", "failed"] { #expect(daemon.files(below: "elsewhere/\(name)") == []) }
        #expect(daemon.files(below: "elsewhere/inbox") == ["bait.png"])
        #expect(try daemon.job("bait.png") == nil)
        #expect(Set(images).isSubset(of: Set(daemon.files(below: "archive/sub"))))
    }
}
