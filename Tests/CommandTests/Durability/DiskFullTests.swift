import FaultInjection
import Foundation
import JobQueue
import SystemPackage
import Testing

/// Promise 6: a full disk pauses the work and costs no job an attempt; with free space the work continues
/// automatically.
@Suite(.serialized, .enabled(if: geteuid() == 0, "needs root to mount a small file system"))
struct DiskFullTests {
    private static let jobs = Torture.count(15, full: 50)

    @Test(arguments: [("state", nil as Fault?), ("outbox", nil), ("outbox", .ignoreRoom)])
    func noJobStartsWithoutTheConfiguredFreeSpace(_ folder: String, _ fault: Fault?) throws {
        let run = try FaultRun(fault: fault)
        try run.daemon.change("min_free_space_mb = 0", to: "min_free_space_mb = 20")
        let disk = try SmallDisk(run.daemon.path(folder), megabytes: 64)
        try run.start()
        try disk.fill(leaving: 19_000_000)
        try drop(in: run, count: fault == nil ? Self.jobs : 1)
        guard fault == nil else {
            try run.daemon.wait("the broken daemon to go on") { run.isSettled() ? true : nil }
            try run.daemon.stop()
            return
        }
        if folder == "state" {
            try run.daemon.wait("the message") { run.daemon.log.contains("its private copy would leave") ? true : nil }
            #expect(run.daemon.jobs().isEmpty)
            guard case .health(let health) = try run.daemon.ask(.health) else {
                Issue.record("no health")
                return
            }
            #expect(health.diskFull)
        } else {
            try run.daemon.wait("the message") { run.daemon.log.contains("No job is started while") ? true : nil }
            try run.daemon.wait("the jobs") { run.daemon.jobs().count == Self.jobs ? true : nil }
            #expect(run.daemon.jobs().allSatisfy { $0.state == .available && $0.attempt == 0 })
        }
        try finish(run, disk)
        Torture.report("6", "\(folder) below its free space, \(Self.jobs) jobs waited and were done by themselves")
    }

    @Test(arguments: [("state", nil as Fault?), ("outbox", nil), ("outbox", .chargeFullDisk)])
    func jobsWaitForAFullDisk(_ folder: String, _ fault: Fault?) throws {
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
        let message = folder == "state" ? "cannot be taken yet" : "waits for free space"
        try run.daemon.wait("the full disk to be noticed") { run.daemon.log.contains(message) ? true : nil }
        #expect(run.daemon.jobs().allSatisfy { !$0.state.isFinal })
        try finish(run, disk)
        #expect(run.daemon.jobs().allSatisfy { $0.attempt == 1 })
        Torture.report("6", "\(folder) without a byte, \(Self.jobs) jobs waited and were done by themselves")
    }

    /// There are more files than the state folder's disk can hold copies of.
    @Test func spooledCopiesLeaveRoomForTheWork() throws {
        let run = try FaultRun()
        try run.daemon.change("min_free_space_mb = 0", to: "min_free_space_mb = 10")
        let disk = try SmallDisk(run.daemon.path("state"), megabytes: 60)
        defer { withExtendedLifetime(disk) {} }
        try run.start()
        #expect(try run.daemon.ask(.pause) == .done)
        for (number, image) in try SmallImage.set(20).enumerated() {
            // Bytes after the end of a PNG are not part of it.
            let content = image.content + Data(count: 4_000_000)
            try run.drop(SmallImage(content: content, output: image.output), as: "\(number).png")
        }
        try run.daemon.wait("the message") { run.daemon.log.contains("its private copy would leave") ? true : nil }
        #expect(try run.daemon.ask(.resume) == .done)
        try run.settle()
        #expect(try run.daemon.stop() == 0)
        #expect(try run.invariants.violationsAfterRecovery() == [])
    }

    /// The queue cannot be written at the moment when an output is to be published.
    @Test func theEndOfAJobWaitsForAFullQueue() throws {
        let run = try FaultRun(
            worker: DaemonHarness.patientWorker)
        let disk = try SmallDisk(run.daemon.path("state"), megabytes: 8)
        try run.start()
        try drop(in: run, count: 1)
        try run.daemon.wait("the worker") { try run.daemon.status()?.running.first?.workerPID }
        try disk.fill(leaving: 0)
        try run.daemon.write(Data(), to: "go")
        try run.daemon.wait("the full disk to be noticed") {
            run.daemon.log.contains("Cannot write to the queue database; retrying") ? true : nil
        }
        #expect(run.daemon.jobs().map(\.state) == [.running])
        try finish(run, disk)
        #expect(run.daemon.jobs().map(\.attempt) == [1])
    }

    /// The outputs of big images never fit, those of small ones do.
    @Test func anOutputThatDoesNotFitLetsOthersPass() throws {
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 0",
            worker: #"""
                if [ ! -e go ] && [ "$(stat -Lc %s /proc/self/fd/0)" -gt 100000 ]; then
                    head -c 100000000 /dev/zero 2> /dev/null && exit 0
                    echo '{"event":"error","reason":"disk_full","message":"The output cannot be written."}' >&2
                    exit 75
                fi
                exec "$SRGAN" "$@"
                """#)
        let disk = try SmallDisk(daemon.path("outbox"), megabytes: 8)
        defer { withExtendedLifetime(disk) {} }
        try daemon.start()
        #expect(try daemon.ask(.pause) == .done)
        for number in 0..<6 {
            let isBig = number < 2
            let image = DaemonSamples.png(variant: number) + Data(count: isBig ? 100_000 : 0)
            try daemon.write(image, to: "outside/\(number).png")
            try daemon.move("outside/\(number).png", to: "inbox/\(number).png")
            try daemon.wait(for: "\(number).png", .available)
        }
        #expect(try daemon.ask(.resume) == .done)
        for number in 2..<6 { try daemon.wait(for: "\(number).png", .completed) }
        for name in ["0.png", "1.png"] {
            let waiting = try daemon.wait(for: name, .retryable)
            #expect(waiting.attempt == 1 && waiting.reason == .diskFull)
            let message = try #require(waiting.message)
            #expect(message.contains("The output needs more than ") && message.contains(" MB free in "))
        }
        try daemon.write(Data(), to: "go")
        for name in ["0.png", "1.png"] { #expect(try daemon.wait(for: name, .completed).attempt == 1) }
        #expect(try daemon.stop() == 0)
    }

    /// A disk may have free bytes but no inode.
    @Test(arguments: ["state", "outbox"]) func jobsWaitForAFreeInode(_ folder: String) throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0")
        let disk = try SmallDisk(daemon.path(folder), megabytes: 8, inodes: 40)
        defer { withExtendedLifetime(disk) {} }
        try daemon.start()
        var fillers: [String] = []
        while true {
            do {
                try daemon.write(Data(), to: "\(folder)/.filler\(fillers.count)")
                fillers.append("\(folder)/.filler\(fillers.count)")
            } catch Errno.noSpace {
                break
            }
        }
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        let message = folder == "state" ? "cannot be taken yet" : "no inode free in "
        try daemon.wait("the message") { daemon.log.contains(message) ? true : nil }
        #expect(daemon.jobs().allSatisfy { !$0.state.isFinal && $0.attempt <= 1 })
        for name in fillers { try FileManager.default.removeItem(atPath: daemon.path(name).string) }
        #expect(try daemon.wait(for: "a.png", .completed).attempt == 1)
    }

    /// The user's quota is used up: SQLite reports an input/output error. The daemon goes on when there is space.
    @Test func theQueueWaitsForItsQuota() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0")
        var environment = try daemon.preload(
            #"""
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <unistd.h>

            static int is_refused(int file) {
                char link[64], path[4096];
                snprintf(link, sizeof link, "/proc/self/fd/%d", file);
                ssize_t length = readlink(link, path, sizeof path - 1);
                if (length < 0 || access(getenv("TROUBLE"), F_OK) != 0) return 0;
                path[length] = 0;
                return strstr(path, "srgan.db-wal") || strstr(path, ".srgan-probe");
            }

            ssize_t write(int file, const void *bytes, size_t count) {
                if (is_refused(file)) { errno = EDQUOT; return -1; }
                ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
                return real(file, bytes, count);
            }

            ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
                if (is_refused(file)) { errno = EDQUOT; return -1; }
                ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
                return real(file, bytes, count, offset);
            }

            ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset) {
                return pwrite(file, bytes, count, offset);
            }
            """#)
        environment["TROUBLE"] = daemon.path("trouble").string
        try daemon.start(environment: environment)
        try daemon.write(Data(), to: "trouble")
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.wait("the refused write") { daemon.log.contains("quota of the state folder is full") ? true : nil }
        try FileManager.default.removeItem(atPath: daemon.path("trouble").string)
        try daemon.wait(for: "a.png", .completed)
        #expect(try daemon.stop() == 0)
        #expect(!daemon.exists("state/.srgan-probe"))
    }

    private func drop(in run: FaultRun, count: Int) throws {
        for (number, image) in try SmallImage.set(count).enumerated() { try run.drop(image, as: "\(number).png") }
    }

    /// Frees space, waits, and checks everything.
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

    /// - inodes: how many files and folders the file system can hold; nil: as many as the kernel chooses.
    init(_ folder: FilePath, megabytes: Int, inodes: Int? = nil) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        let options = "size=\(megabytes)m" + (inodes.map { ",nr_inodes=\($0)" } ?? "")
        guard mount("tmpfs", folder.string, "tmpfs", 0, options) == 0 else { throw Errno(rawValue: errno) }
    }

    deinit { umount2(folder.string, Int32(MNT_DETACH)) }

    /// Occupies all but this many bytes.
    func fill(leaving bytes: Int) throws {
        let file = try FileDescriptor.open(
            folder.appending(".filler"), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
        defer { try? file.close() }
        let page = 4096
        while case let surplus = try room - bytes, surplus > 0 {
            let block = [UInt8](repeating: 0, count: min(max(surplus / page, 1), 256) * page)
            do { _ = try file.writeAll(block) } catch Errno.noSpace { return }
        }
    }

    /// Frees the occupied space.
    func free() throws { try FileManager.default.removeItem(atPath: folder.appending(".filler").string) }

    private var room: Int {
        get throws {
            var status = statvfs()
            guard statvfs(folder.string, &status) == 0 else { throw Errno(rawValue: errno) }
            return Int(status.f_bavail * status.f_frsize)
        }
    }
}
