import Foundation
import JobQueue
import SystemPackage
import Testing

/// Promise 6: a full disk stops the work and costs no job an attempt; with room again everything goes on by itself.
@Suite(.serialized, .enabled(if: geteuid() == 0, "needs root to mount a small file system"))
struct DiskFullTests {
    private static let jobs = 50

    @Test(arguments: [("state", nil as DeliberateFault?), ("outbox", nil), ("outbox", .ignoreRoom)])
    func nothingIsStartedWithoutTheRoomThatWasAskedFor(_ folder: String, _ fault: DeliberateFault?) throws {
        let run = try FaultRun(fault: fault)
        try run.daemon.change("min_free_space_mb = 0", to: "min_free_space_mb = 20")
        let disk = try SmallDisk(run.daemon.path(folder), megabytes: 32)
        try run.start()
        // Enough for the queue to take the jobs.
        try disk.fill(leaving: 19_000_000)
        try drop(in: run, count: fault == nil ? Self.jobs : 1)
        guard fault == nil else {
            try run.daemon.wait("the broken daemon to go on") { run.isSettled() ? true : nil }
            try run.daemon.stop()
            return
        }
        try run.daemon.wait("the message") { run.daemon.log.contains("Nothing is started while") ? true : nil }
        try run.daemon.wait("the jobs") { run.daemon.jobs().count == Self.jobs ? true : nil }
        #expect(run.daemon.jobs().allSatisfy { $0.state == .available && $0.attempt == 0 })
        try finish(run, disk)
        Torture.report("6", "\(folder) below its free space, \(Self.jobs) jobs waited and were done by themselves")
    }

    @Test(arguments: [("state", nil as DeliberateFault?), ("outbox", nil), ("outbox", .chargeFullDisk)])
    func aDiskWithoutAByteIsWaitedFor(_ folder: String, _ fault: DeliberateFault?) throws {
        let run = try FaultRun(maxAttempts: 2, fault: fault)
        let disk = try SmallDisk(run.daemon.path(folder), megabytes: 8)
        try run.start()
        try disk.fill(leaving: 0)
        try drop(in: run, count: fault == nil ? Self.jobs : 1)
        if fault != nil {
            try run.daemon.wait("a failed job") { run.daemon.jobs().contains { $0.state == .failed } ? true : nil }
            try run.daemon.stop()
            return
        }
        let message = folder == "state" ? "cannot be taken yet" : "goes back into the queue"
        try run.daemon.wait("the full disk to be noticed") { run.daemon.log.contains(message) ? true : nil }
        #expect(run.daemon.jobs().allSatisfy { !$0.state.isFinal })
        try finish(run, disk)
        #expect(run.daemon.jobs().allSatisfy { $0.attempt == 1 })
        Torture.report("6", "\(folder) without a byte, \(Self.jobs) jobs waited and were done by themselves")
    }

    private func drop(in run: FaultRun, count: Int) throws {
        for (number, picture) in try SmallPicture.set(count).enumerated() { try run.drop(picture, as: "\(number).png") }
    }

    /// Makes room, waits, and looks at everything.
    private func finish(_ run: FaultRun, _ disk: SmallDisk) throws {
        try disk.free()
        try run.settle()
        #expect(try run.daemon.stop() == 0)
        #expect(try run.invariants.violationsAfterRecovery() == [])
    }
}

/// A file system of a few megabytes in memory, mounted on a folder as long as this object lives.
final class SmallDisk {
    private let folder: FilePath

    init(_ folder: FilePath, megabytes: Int) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        guard mount("tmpfs", folder.string, "tmpfs", 0, "size=\(megabytes)m") == 0 else { throw Errno(rawValue: errno) }
    }

    deinit { umount2(folder.string, Int32(MNT_DETACH)) }

    /// Occupies all but so many bytes.
    func fill(leaving bytes: Int) throws {
        let file = try FileDescriptor.open(
            folder.appending(".filler"), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
        defer { try? file.close() }
        let block = [UInt8](repeating: 0, count: 4096)
        while try room > bytes {
            do { _ = try file.writeAll(block) } catch Errno.noSpace { return }
        }
    }

    /// Gives the room back.
    func free() throws { try FileManager.default.removeItem(atPath: folder.appending(".filler").string) }

    private var room: Int {
        get throws {
            var status = statvfs()
            guard statvfs(folder.string, &status) == 0 else { throw Errno(rawValue: errno) }
            return Int(status.f_bavail * status.f_frsize)
        }
    }
}
