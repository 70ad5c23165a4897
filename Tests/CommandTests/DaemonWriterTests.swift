import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

/// Programs that pause while they write an image. Each image becomes exactly one completed job, with all its bytes.
@Suite struct DaemonWriterTests {
    /// What finishes an image that was begun.
    typealias Finish = @Sendable () throws -> Void

    /// The paths of one image.
    struct Place: Sendable {
        let inbox: FilePath
        let outside: FilePath
        let failed: FilePath

        /// Opens the file in the inbox for writing; creates it if it does not exist.
        func open(_ path: FilePath? = nil) throws -> FileDescriptor {
            try FileDescriptor.open(
                path ?? inbox, .writeOnly, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
        }
    }

    /// A way in which a program writes an image with a pause.
    struct Way: Sendable {
        let name: String
        /// True if the program closes the file before the pause. The service cannot know that more will follow, so a job
        /// fails first.
        var failsFirst = false
        /// Writes until the pause.
        let begin: @Sendable (Place, Data) throws -> Finish
    }

    private static let ways = [
        Way(name: "pauses") { place, image in
            let file = try place.open()
            try file.writeAll(image.half)
            return { try file.closeAfter { _ = try file.writeAll(image.rest) } }
        },
        Way(name: "preallocates") { place, image in
            let file = try place.open()
            try file.resize(to: Int64(image.count))
            try file.writeAll(image.half)
            return { try file.closeAfter { _ = try file.writeAll(image.rest) } }
        },
        Way(name: "renames late") { place, image in
            let hidden = place.inbox.removingLastComponent().appending(".\(place.inbox.lastComponent!.string).tmp")
            let file = try place.open(hidden)
            try file.writeAll(image.half)
            guard rename(hidden.string, place.inbox.string) == 0 else { throw Errno(rawValue: errno) }
            return { try file.closeAfter { _ = try file.writeAll(image.rest) } }
        },
        Way(name: "hard-links early") { place, image in
            let file = try place.open(place.outside)
            try file.writeAll(image.half)
            guard link(place.outside.string, place.inbox.string) == 0 else { throw Errno(rawValue: errno) }
            return { try file.closeAfter { _ = try file.writeAll(image.rest) } }
        },
        Way(name: "names late") { place, image in
            // O_TMPFILE, which glibc defines only under _GNU_SOURCE.
            let folder = place.inbox.removingLastComponent()
            let descriptor = Glibc.open(folder.string, 0o20_000_000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw Errno(rawValue: errno) }
            let file = FileDescriptor(rawValue: descriptor)
            try file.writeAll(image.half)
            guard
                linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, place.inbox.string, AT_SYMLINK_FOLLOW) == 0
            else { throw Errno(rawValue: errno) }
            return { try file.closeAfter { _ = try file.writeAll(image.rest) } }
        },
        Way(name: "holds open") { place, image in
            let file = try place.open()
            try file.writeAll(image)
            return { try file.close() }
        },
        Way(name: "opens twice") { place, image in
            let (file, other) = (try place.open(), try place.open())
            try other.closeAfter { try other.resize(to: Int64(image.count)) }
            return { try file.closeAfter { _ = try file.writeAll(image) } }
        },
        Way(name: "closes empty") { place, image in
            try place.open().close()
            return {
                let file = try place.open()
                try file.closeAfter { _ = try file.writeAll(image) }
            }
        },
        Way(name: "reopens") { place, image in
            try place.open().close()
            let file = try place.open()
            try file.writeAll(image.half)
            return { try file.closeAfter { _ = try file.writeAll(image.rest) } }
        },
        Way(name: "closes half", failsFirst: true) { place, image in
            let file = try place.open()
            try file.closeAfter { _ = try file.writeAll(image.half) }
            return {
                let file = try FileDescriptor.open(place.failed, .writeOnly, options: [.append])
                try file.closeAfter { _ = try file.writeAll(image.rest) }
            }
        },
        Way(name: "closes half, then replaces", failsFirst: true) { place, image in
            let file = try place.open()
            try file.closeAfter { try file.resize(to: Int64(image.count)) }
            return {
                let file = try place.open()
                try file.closeAfter { _ = try file.writeAll(image) }
            }
        },
    ]

    /// The settle times of the inboxes.
    private static let settleTimes = [0, 1, 5]

    /// One image on its way into an inbox.
    private struct Image {
        let way: Way
        let source: FilePath
        let content: Data
        let finish: Finish
    }

    @Test(arguments: DaemonArrivalTableTests.watching) func eachImageIsOneWholeJob(_ shell: String?) throws {
        func settings(_ seconds: Int) -> String {
            "settle_seconds = \(seconds)\nunfinished_settle_seconds = 3600\narchive = \"archive\(seconds)\"\nfailed = \"failed\(seconds)\""
        }
        let others = Self.settleTimes.dropFirst().map {
            "[[inbox]]\npath = \"inbox\($0)\"\noutbox = \"outbox\($0)\"\nmodel = \"tiny\"\n\(settings($0))\n"
        }
        let daemon = try DaemonHarness(
            inbox: settings(0), sections: others.joined() + "[service]\nrescan_seconds = 5\n")
        func inbox(_ seconds: Int) -> String { seconds == 0 ? "inbox" : "inbox\(seconds)" }
        func outbox(_ seconds: Int) -> String { seconds == 0 ? "outbox" : "outbox\(seconds)" }
        try daemon.makeFolder("outside")
        try daemon.start(under: shell.map(DaemonHarness.afterShell) ?? [])

        var images: [Image] = []
        for seconds in Self.settleTimes {
            for way in Self.ways {
                let name = "\(way.name).png"
                let content = DaemonSamples.png(variant: images.count)
                let place = Place(
                    inbox: daemon.path("\(inbox(seconds))/\(name)"), outside: daemon.path("outside/\(seconds) \(name)"),
                    failed: daemon.path("failed\(seconds)/\(name)"))
                let finish = try way.begin(place, content)
                images.append(Image(way: way, source: place.inbox, content: content, finish: finish))
            }
        }
        // A hard link has no close event, so it waits as long as the images above. When it is completed, they would have
        // been taken too, had the service thought that they are complete.
        for seconds in Self.settleTimes {
            try daemon.write(DaemonSamples.png(variant: 1000 + seconds), to: "outside/last\(seconds).png")
            let target = daemon.path("\(inbox(seconds))/last\(seconds).png").string
            try #require(link(daemon.path("outside/last\(seconds).png").string, target) == 0)
            try daemon.wait(for: "last\(seconds).png", .completed)
        }
        let failing = images.filter(\.way.failsFirst)
        try daemon.wait("the jobs of half images") {
            let failed = daemon.jobs().filter { $0.state == .failed && !$0.needsDisposal }
            return failed.count == failing.count ? true : nil
        }
        #expect(
            Set(daemon.jobs().map(\.input.source)).subtracting(failing.map(\.source)).map { $0.lastComponent!.stem }
                .sorted() == Self.settleTimes.map { "last\($0)" })

        for image in images { try image.finish() }
        func completed(_ image: Image) -> [Job] {
            daemon.jobs().filter { $0.input.source == image.source && $0.state == .completed && !$0.needsDisposal }
        }
        try daemon.waitForEnds {
            let ended = daemon.endedJobs() >= images.count + failing.count + Self.settleTimes.count
            return ended && images.allSatisfy { completed($0).count == 1 }
        }
        for image in images {
            let jobs = completed(image)
            #expect(jobs.map(\.input.contentSHA256) == [SHA256.hash(image.content)], "\(image.source)")
            #expect(jobs.first?.output?.lastComponent == image.source.lastComponent)
        }
        #expect(daemon.jobs().count == images.count + failing.count + Self.settleTimes.count)
        for seconds in Self.settleTimes {
            #expect(daemon.files(below: inbox(seconds)) == [])
            #expect(daemon.files(below: outbox(seconds)).count == Self.ways.count + 1)
        }
        #expect(try daemon.stop() == 0)
    }

    // MARK: - Without a lease

    /// Replaces functions of the C library: no file gets a lease, as in a daemon whose user does not own the file.
    ///
    /// - hidesProcesses: true to hide `/proc` as well.
    private static func withoutLeases(_ daemon: DaemonHarness, hidesProcesses: Bool) throws -> [String: String] {
        try daemon.preload(
            """
            #define _GNU_SOURCE
            #include <dirent.h>
            #include <dlfcn.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <stdarg.h>
            #include <string.h>
            static int answer(const char *name, int descriptor, int command, void *argument) {
                int (*real)(int, int, ...) = dlsym(RTLD_NEXT, name);
                if (command != F_SETLEASE) return real(descriptor, command, argument);
                errno = EACCES;
                return -1;
            }
            int fcntl(int descriptor, int command, ...) {
                va_list list;
                va_start(list, command);
                void *argument = va_arg(list, void *);
                va_end(list);
                return answer("fcntl", descriptor, command, argument);
            }
            int fcntl64(int descriptor, int command, ...) {
                va_list list;
                va_start(list, command);
                void *argument = va_arg(list, void *);
                va_end(list);
                return answer("fcntl64", descriptor, command, argument);
            }
            DIR *opendir(const char *path) {
                DIR *(*real)(const char *) = dlsym(RTLD_NEXT, "opendir");
                if (!\(hidesProcesses ? 1 : 0) || strcmp(path, "/proc") != 0) return real(path);
                errno = EACCES;
                return NULL;
            }

            """)
    }

    /// Another descriptor of the file was closed, so inotify reports a close; `/proc` shows the one that is left.
    @Test func aDescriptorInProcIsFound() throws {
        let daemon = try DaemonHarness()
        try daemon.start(environment: Self.withoutLeases(daemon, hidesProcesses: false))
        let place = Place(inbox: daemon.path("inbox/a.png"), outside: "", failed: "")
        let (file, other) = (try place.open(), try place.open())
        try file.writeAll(DaemonSamples.png.half)
        try other.close()
        try daemon.wait("the message") {
            daemon.log.contains("inbox/a.png waits until no process has it open for writing") ? true : nil
        }
        try file.closeAfter { _ = try file.writeAll(DaemonSamples.png.rest) }
        try daemon.wait(for: "a.png", .completed)
        #expect(daemon.jobs().count == 1)
    }

    /// Neither a lease nor `/proc` tells anything; inotify does.
    @Test func aFileWithoutACloseEventWaits() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0.3\nunfinished_settle_seconds = 3600")
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/before.png")
        try daemon.start(environment: Self.withoutLeases(daemon, hidesProcesses: true))
        let place = Place(inbox: daemon.path("inbox/a.png"), outside: "", failed: "")
        let file = try place.open()
        try file.resize(to: Int64(DaemonSamples.png.count))
        try file.writeAll(DaemonSamples.png.half)
        // A hard link waits for the shortest time that a file without a close event can wait.
        try daemon.write(DaemonSamples.png(variant: 2), to: "outside/linked.png")
        try #require(link(daemon.path("outside/linked.png").string, daemon.path("inbox/linked.png").string) == 0)
        try daemon.wait(for: "linked.png", .completed)
        #expect(daemon.jobs().count == 1)
        try file.closeAfter { _ = try file.writeAll(DaemonSamples.png.rest) }
        try daemon.wait(for: "a.png", .completed)
        // The service does not know who wrote this file before its start.
        #expect(daemon.jobs().count == 2)
        try Place(inbox: daemon.path("inbox/before.png"), outside: "", failed: "").open().close()
        try daemon.wait(for: "before.png", .completed)
        #expect(daemon.jobs().count == 3)
    }

    /// The kernel's times show that a file has been lying in the inbox for long enough.
    @Test func anOldFileIsTakenAtTheStart() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0.3\nunfinished_settle_seconds = 2")
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        let environment = try Self.withoutLeases(daemon, hidesProcesses: true)
        let process = try daemon.launch(["--drain"], environment: environment)
        #expect(try daemon.exit(of: process) == 0)
        #expect(try daemon.job("a.png")?.state == .completed)
    }

    /// A drain does not wait for ever, and reports what it left.
    @Test func aDrainLeavesAFileThatAProcessWrites() throws {
        let daemon = try DaemonHarness()
        let place = Place(inbox: daemon.path("inbox/a.png"), outside: "", failed: "")
        let file = try place.open()
        try file.writeAll(DaemonSamples.png)
        #expect(try daemon.run("--drain") == 2)
        #expect(daemon.jobs().isEmpty && daemon.files(below: "inbox") == ["a.png"])
        try file.close()
        #expect(try daemon.run("--drain") == 0)
        #expect(daemon.files(below: "outbox") == ["a.png"])
    }
}

extension Data {
    /// The first half.
    fileprivate var half: Data { Data(prefix(count / 2)) }
    /// What follows the first half.
    fileprivate var rest: Data { Data(dropFirst(count / 2)) }
}
