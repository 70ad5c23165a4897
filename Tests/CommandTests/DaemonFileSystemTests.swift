import Foundation
import JobQueue
import SystemPackage
import Testing

private var hasTwoFileSystems: Bool {
    func device(_ path: String) -> dev_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_dev : nil
    }
    guard let shared = device("/dev/shm"), access("/dev/shm", W_OK) == 0 else { return false }
    return shared != device(FileManager.default.temporaryDirectory.path)
}

/// Archive and failed folder on a different file system than the inbox.
@Suite(.enabled(if: hasTwoFileSystems, "needs /dev/shm on a file system of its own"))
struct DaemonFileSystemTests {
    @Test func originalsMoveToAnotherFileSystem() throws {
        let other = "/dev/shm/srgand-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: other) }
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 0.3\narchive = \"\(other)/archive\"\nfailed = \"\(other)/failed\"")
        try daemon.write(DaemonSamples.png, to: "inbox/trip/a.png")
        try daemon.write(Data("nothing".utf8), to: "inbox/trip/b.png")
        // The name is already taken in the archive.
        try DaemonHarness.write(Data("older".utf8), to: FilePath("\(other)/archive/trip/a.png"))
        let times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0)]
        utimensat(AT_FDCWD, daemon.path("inbox/trip/a.png").string, times, 0)
        #expect(try daemon.run("--drain") == 2)

        let moved = "\(other)/archive/trip/a (2).png"
        #expect(FileManager.default.contents(atPath: moved) == DaemonSamples.png)
        #expect(FileManager.default.contents(atPath: "\(other)/archive/trip/a.png") == Data("older".utf8))
        #expect(FileManager.default.contents(atPath: "\(other)/failed/trip/b.png") == Data("nothing".utf8))
        var status = stat()
        #expect(stat(moved, &status) == 0 && status.st_mtim.tv_sec == 1_000_000_000)
        #expect(daemon.files(below: "inbox") == [])
        #expect(try daemon.job("a.png")?.disposedSource == FilePath(moved))
        let left = FileManager.default.enumerator(atPath: other)?.compactMap { $0 as? String } ?? []
        #expect(!left.contains { $0.contains(".part") })
    }
}
