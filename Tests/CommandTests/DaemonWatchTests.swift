import Foundation
import SystemPackage
import Testing

/// Folders that are moved or created again while the daemon runs are watched as before. The daemon scans so rarely here
/// that only a watch can find an image.
@Suite struct DaemonWatchTests {
    private let daemon: DaemonHarness

    init() throws {
        daemon = try DaemonHarness(inbox: "settle_seconds = 0.3", sections: "[service]\nrescan_seconds = 86400")
    }

    @Test func aSubfolderCreatedAgain() throws {
        // Unescaped, this name would forge a line of the log.
        let folder = "inbox/two\nlines"
        try daemon.makeFolder(folder)
        try daemon.start()
        for number in 0..<3 {
            try daemon.expectWatch(of: folder, "made \(number)")
            try remove(folder)
            try daemon.makeFolder(folder)
        }
        try daemon.expectWatch(of: folder, "made last")
        #expect(!daemon.log.contains("two\nlines"), "\(daemon.log)")
    }

    @Test func aSubfolderCreatedAgainWhileTheOldOneIsOpen() throws {
        try daemon.makeFolder("inbox/sub")
        try daemon.start()
        let old = try FileDescriptor.open(daemon.path("inbox/sub"), .readOnly, options: [.directory])
        try remove("inbox/sub")
        try daemon.makeFolder("inbox/sub")
        try daemon.expectWatch(of: "inbox/sub", "while open")
        try old.close()
        try daemon.expectWatch(of: "inbox/sub", "closed")
    }

    @Test func aRenamedSubfolder() throws {
        try daemon.makeFolder("inbox/sub/deep")
        try daemon.start()
        try daemon.expectWatch(of: "inbox/sub/deep", "before")
        try daemon.move("inbox/sub", to: "inbox/renamed")
        try daemon.expectWatch(of: "inbox/renamed/deep", "renamed")
        try daemon.move("inbox/renamed", to: "outside")
        try daemon.makeFolder("inbox/renamed/deep")
        try daemon.expectWatch(of: "inbox/renamed/deep", "made again")
    }

    @Test func anInboxCreatedAgain() throws {
        try daemon.start()
        // On ext4 the new folder has the same inode.
        try remove("inbox")
        try daemon.makeFolder("inbox")
        try daemon.expectWatch(of: "inbox", "made again")
    }

    @Test func anInboxRenamedAndRenamedBack() throws {
        try daemon.makeFolder("inbox/sub")
        try daemon.start()
        try daemon.move("inbox", to: "away")
        try daemon.move("away", to: "inbox")
        try daemon.expectWatch(of: "inbox", "back")
        try daemon.expectWatch(of: "inbox/sub", "below")
    }

    @Test func anInboxBehindALink() throws {
        try remove("inbox")
        try daemon.makeFolder("real")
        symlink("real", daemon.path("inbox").string)
        try daemon.start()
        try daemon.expectWatch(of: "inbox", "linked")
    }

    /// Removes an empty folder.
    private func remove(_ folder: String) throws {
        guard rmdir(daemon.path(folder).string) == 0 else { throw Errno(rawValue: errno) }
    }
}

extension DaemonHarness {
    /// Adds two images to a folder, one after the other. The first may be found by a scan that the folder's change
    /// triggered, the second only by a watch.
    func expectWatch(of folder: String, _ name: String) throws {
        for number in 1...2 {
            try write(DaemonSamples.png, to: "\(folder)/\(name) \(number).png")
            try wait(for: "\(name) \(number).png", .completed)
        }
    }
}
