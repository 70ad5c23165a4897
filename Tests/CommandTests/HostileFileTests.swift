import Foundation
import JobQueue
import SystemPackage
import Testing
import WorkerProtocol

/// Things in an inbox that are not image files at all.
@Suite struct HostileFileTests {
    @Test func eachIsLeftAloneWithAReasonAndTheNextFileIsCompleted() throws {
        let daemon = try DaemonHarness()
        symlink("/etc/shadow", daemon.path("inbox/shadow.jpg").string)
        symlink("/dev/zero", daemon.path("inbox/zero.jpg").string)
        symlink("loop.jpg", daemon.path("inbox/loop.jpg").string)
        try daemon.makeFolder("elsewhere")
        try daemon.write(DaemonSamples.png(variant: 9), to: "elsewhere/stolen.png")
        symlink(daemon.path("elsewhere").string, daemon.path("inbox/holiday").string)
        mkfifo(daemon.path("inbox/fifo.jpg").string, 0o666)
        let socket = try #require(Self.listen(at: daemon.path("inbox/socket.jpg").string))
        defer { close(socket) }
        try daemon.makeFolder("inbox/folder.jpg")
        // Only the superuser can create a device. This one has the numbers of /dev/zero, which never ends.
        let hasDevice = mknod(daemon.path("inbox/device.jpg").string, S_IFCHR | 0o666, 1 << 8 | 5) == 0
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/closed.png")
        chmod(daemon.path("inbox/closed.png").string, 0)
        try daemon.start(under: DaemonHarness.withoutOverride)
        let pid = try daemon.status()?.pid
        try daemon.write(DaemonSamples.png, to: "outside/good.png")
        try daemon.move("outside/good.png", to: "inbox/good.png")
        try daemon.wait(for: "good.png", .completed)
        var expected: [String: FailureReason] = ["closed.png": .unreadable]
        for name in ["shadow.jpg", "zero.jpg", "loop.jpg", "holiday", "fifo.jpg", "socket.jpg"] {
            expected[name] = .notARegularFile
        }
        if hasDevice { expected["device.jpg"] = .notARegularFile }
        try daemon.wait("all jobs") {
            daemon.jobs().count == expected.count + 1 && daemon.jobs().allSatisfy { $0.state.isFinal } ? true : nil
        }
        for job in daemon.jobs() {
            let name = job.input.source.lastComponent!.string
            #expect(expected[name] == job.reason, "\(name): \(job.message ?? "")")
            #expect(name == "good.png" || job.message?.isEmpty == false)
        }
        for name in expected.keys {
            var status = stat()
            #expect(lstat(daemon.path("inbox/\(name)").string, &status) == 0, "\(name) was moved")
        }
        #expect(daemon.files(below: "outbox") == ["good.png"])
        #expect(daemon.exists("inbox/folder.jpg") && daemon.exists("elsewhere/stolen.png"))
        #expect(try daemon.status()?.pid == pid)
        #expect(try daemon.stop() == 0)
    }

    private static func listen(at path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The path is relative to a folder with a long path; a link to that folder is short.
        let link = "/tmp/s-\(UInt32.random(in: 0...UInt32.max))"
        symlink((path as NSString).deletingLastPathComponent, link)
        defer { unlink(link) }
        let short = "\(link)/\((path as NSString).lastPathComponent)"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: short.utf8) }
        let status = withUnsafeBytes(of: &address) {
            bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        return status == 0 ? descriptor : nil
    }
}
