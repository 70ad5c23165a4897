import FaultInjection
import Foundation
import JobQueue
import SystemPackage
import Testing

/// Every way in which a file can arrive, with and without inotify, gives exactly one job and one output.
@Suite struct DaemonArrivalTableTests {
    /// A way in which an image arrives in the inbox, under a name of its own.
    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The final path of the image, below the inbox.
        let name: String
        let bring: @Sendable (DaemonHarness, Data) throws -> Void

        init(_ name: String, _ bring: @escaping @Sendable (DaemonHarness, Data) throws -> Void) {
            testDescription = name
            self.name = name
            self.bring = bring
        }
    }

    static let ways = [
        Way("cp.png") { daemon, image in
            try daemon.write(image, to: "outside/cp.png")
            try run("/bin/cp", daemon.path("outside/cp.png").string, daemon.path("inbox/cp.png").string)
        },
        Way("mv.png") { daemon, image in
            try daemon.write(image, to: "outside/mv.png")
            try run("/bin/mv", daemon.path("outside/mv.png").string, daemon.path("inbox/mv.png").string)
        },
        Way("hard link.png") { daemon, image in
            try daemon.write(image, to: "outside/linked.png")
            try check(link(daemon.path("outside/linked.png").string, daemon.path("inbox/hard link.png").string))
        },
        Way("unnamed.png") { daemon, image in
            // O_TMPFILE, which glibc defines only under _GNU_SOURCE. The file is written, and gets its name while it is
            // open.
            let descriptor = open(daemon.path("inbox").string, 0o20_000_000 | O_DIRECTORY | O_RDWR, 0o644)
            try check(descriptor)
            defer { close(descriptor) }
            try FileDescriptor(rawValue: descriptor).writeAll(image)
            try check(
                linkat(
                    AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, daemon.path("inbox/unnamed.png").string,
                    AT_SYMLINK_FOLLOW))
        },
        Way("scanner.png") { daemon, image in
            // Opened and closed empty, then opened again for its content.
            try daemon.write(Data(), to: "inbox/scanner.png")
            let file = try FileDescriptor.open(daemon.path("inbox/scanner.png"), .writeOnly, options: [.append])
            try file.closeAfter {
                try file.writeAll(image.prefix(100))
                try file.writeAll(image.dropFirst(100))
            }
        },
        Way("new/at once.png") { daemon, image in try daemon.write(image, to: "inbox/new/at once.png") },
        Way("tree/deep/er/moved.png") { daemon, image in
            try daemon.write(image, to: "outside/tree/deep/er/moved.png")
            try daemon.move("outside/tree", to: "inbox/tree")
        },
        Way("replaced.png") { daemon, image in
            // As rsync and editors do: written beside, under a name that is ignored, then renamed over the file.
            try daemon.write(Data(image.prefix(50)), to: "inbox/replaced.png")
            try daemon.write(image, to: "inbox/.replaced.png.part")
            try daemon.move("inbox/.replaced.png.part", to: "inbox/replaced.png")
        },
        Way("renamed.png") { daemon, image in
            try daemon.write(image, to: "inbox/renamed.png.crdownload")
            try daemon.move("inbox/renamed.png.crdownload", to: "inbox/renamed.png")
        },
    ]

    /// For each run, the shell command that precedes the daemon.
    static let watching: [String?] = [nil, DaemonHarness.withoutInotify]

    @Test(arguments: watching) func everyWayIsOneJob(_ shell: String?) throws {
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 3", sections: "[metrics]\nfile = \"srgan.prom\"\ninterval_seconds = 1")
        try daemon.write(DaemonSamples.png(variant: 100), to: "inbox/before.png")
        // Some files arrive during the start: the daemon may have missed them, or may see them twice.
        let starting = Arrivals(daemon, count: 20)
        try daemon.start(under: shell.map(DaemonHarness.afterShell) ?? [])
        starting.join()
        for (number, way) in Self.ways.enumerated() { try way.bring(daemon, DaemonSamples.png(variant: number)) }

        let names = (Self.ways.map(\.name) + ["before.png"] + starting.names).sorted()
        try daemon.wait("every job") {
            let jobs = daemon.jobs()
            return jobs.count >= names.count && jobs.allSatisfy { $0.state.isFinal && !$0.needsDisposal } ? true : nil
        }
        try daemon.wait("an empty inbox") { daemon.files(below: "inbox").isEmpty ? true : nil }
        #expect(daemon.files(below: "outbox") == names)
        #expect(daemon.files(below: "archive") == names)
        let jobs = daemon.jobs()
        #expect(jobs.count == names.count && jobs.allSatisfy { $0.state == .completed && $0.attempt == 1 })
        #expect(Set(jobs.map(\.input.source)).count == names.count)
        try daemon.wait("the metrics") { daemon.metric("srgan_polling \(shell == nil ? 0 : 1)") ? true : nil }
        #expect(daemon.log.contains("The inboxes are polled") == (shell != nil))
        #expect(try daemon.stop() == 0)
    }

    /// inotify's queue overflows and loses events: for 30 images, or for 20,000 with `SRGAN_TORTURE=1`.
    @Test func anOverflowLosesNothing() throws {
        let count = Torture.count(30, full: 20_000)
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0.3", sections: "[service]\nrescan_seconds = 86400")
        try daemon.makeFolder("freeze")
        let plan = FaultPlan(freezeFolder: daemon.path("freeze").string)
        try daemon.start(environment: plan.environment)
        // The monitor is blocked too: it would poll the same two files again and again, which takes long in a debug
        // build. A thread that is only slow does not count as frozen, because it would still read events.
        for name in ["inbox-watcher", "inbox-monitor"] {
            try daemon.write(Data(), to: "freeze/\(name)")
            try daemon.wait("\(name) to be frozen") { daemon.exists("freeze/\(name).frozen") ? true : nil }
        }
        // No thread reads events now. Events of two ignored files fill the kernel's queue; it would merge the events of
        // a single file into one.
        let limit = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let events = try #require(Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)))
        let ignored = (0..<2).map { daemon.path("inbox/\($0).tmp").string }
        for number in 0...events { try Self.check(close(creat(ignored[number % 2], 0o644))) }
        for number in 0..<count { try daemon.write(DaemonSamples.png, to: "inbox/\(number).png") }
        try daemon.makeFolder("inbox/lost")
        try FileManager.default.removeItem(atPath: daemon.path("freeze/inbox-watcher").string)

        try daemon.wait("the overflow") { daemon.log.contains("The inotify event queue overflowed") ? true : nil }
        try FileManager.default.removeItem(atPath: daemon.path("freeze/inbox-monitor").string)
        try daemon.waitForEnds { daemon.endedJobs() >= count }
        let jobs = daemon.jobs()
        #expect(jobs.count == count && jobs.allSatisfy { $0.state == .completed })
        #expect(daemon.files(below: "outbox").count == count)
        #expect(daemon.files(below: "archive").count == count)
        #expect(daemon.files(below: "inbox").allSatisfy { $0.hasSuffix(".tmp") })
        Torture.report("7", "\(count) files whose events were lost: each one job, all completed")
        try daemon.expectWatch(of: "inbox/lost", "later")
    }

    /// Images that arrive one after the other while the test runs.
    private final class Arrivals: Sendable {
        let names: [String]
        private let finished = DispatchSemaphore(value: 0)

        init(_ daemon: DaemonHarness, count: Int) {
            names = (0..<count).map { "during/start \($0).png" }
            let (names, finished) = (names, finished)
            let places = names.map { daemon.path("inbox/\($0)") }
            Thread.detachNewThread {
                for place in places {
                    try? DaemonHarness.write(DaemonSamples.png(variant: 200), to: place)
                    usleep(50_000)
                }
                finished.signal()
            }
        }

        func join() { finished.wait() }
    }

    private static func run(_ program: String, _ arguments: String...) throws {
        let process = try Process.run(URL(filePath: program), arguments: arguments)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Errno.invalidArgument }
    }

    private static func check(_ result: Int32) throws {
        guard result >= 0 else { throw Errno(rawValue: errno) }
    }
}
