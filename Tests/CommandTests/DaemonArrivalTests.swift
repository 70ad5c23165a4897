import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

/// Every way in which a file can arrive in an inbox gives exactly one job and one output.
@Suite struct DaemonArrivalTests {
    @Test func everyWayOfArrivalIsOneJob() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0.3")
        try daemon.write(DaemonSamples.png(variant: 0), to: "inbox/before the start.png")
        try daemon.start()

        // Written in place, as cp does.
        try daemon.write(DaemonSamples.jpeg, to: "inbox/copied.jpg")
        // Renamed into place.
        try daemon.write(DaemonSamples.png(variant: 1), to: "outside/moved.png")
        try daemon.move("outside/moved.png", to: "inbox/moved.png")
        // A hard link: it causes only a creation event.
        try daemon.write(DaemonSamples.png(variant: 2), to: "outside/linked.png")
        #expect(link(daemon.path("outside/linked.png").string, daemon.path("inbox/linked.png").string) == 0)
        // A folder that contains a file before the daemon can watch it.
        try daemon.write(DaemonSamples.png(variant: 3), to: "inbox/new/at once.png")
        // A tree that is moved into the inbox.
        try daemon.write(DaemonSamples.png(variant: 4), to: "outside/tree/deep/er/moved with it.png")
        try daemon.move("outside/tree", to: "inbox/tree")

        let names = [
            "before the start.png", "copied.jpg", "moved.png", "linked.png", "new/at once.png",
            "tree/deep/er/moved with it.png",
        ]
        for name in names { try daemon.wait(for: name, .completed) }
        // Into a folder that was created later and is watched by now.
        try daemon.write(DaemonSamples.png(variant: 5), to: "inbox/tree/deep/later.png")
        try daemon.wait(for: "later.png", .completed)

        let all = (names + ["tree/deep/later.png"]).sorted()
        #expect(daemon.files(below: "outbox") == all)
        #expect(daemon.files(below: "archive") == all)
        #expect(daemon.files(below: "inbox") == [])
        #expect(daemon.jobs().count == all.count)
        #expect(try daemon.stop() == 0)
    }

    @Test func aGrowingCopyIsTakenWhenItIsComplete() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 1")
        try daemon.start()
        let file = try FileDescriptor.open(
            daemon.path("inbox/growing.png"), .writeOnly, options: [.create], permissions: [.ownerReadWrite])
        let bytes = DaemonSamples.png
        var written = 0
        // The file grows between every two scans, until another file that arrived meanwhile is completed.
        try daemon.write(DaemonSamples.jpeg, to: "inbox/marker.jpg")
        try daemon.wait("the marker") {
            if written < bytes.count - 1 {
                try file.writeAll(bytes[(bytes.startIndex + written)..<(bytes.startIndex + written + 1)])
                written += 1
            }
            return try daemon.job("marker.jpg")?.state == .completed ? true : nil
        }
        #expect(try daemon.job("growing.png") == nil)
        try file.writeAll(bytes[(bytes.startIndex + written)...])
        try file.close()
        let job = try daemon.wait(for: "growing.png", .completed)
        #expect(job.input.contentSize == Int64(bytes.count))
    }

    @Test func eachJobOfAReplacedFileHasOneVersion() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0")
        try daemon.start()
        for version in 0..<5 {
            try daemon.write(DaemonSamples.png(variant: version), to: "outside/new.png")
            try daemon.move("outside/new.png", to: "inbox/a.png")
        }
        try daemon.wait("the last version") {
            let jobs = daemon.jobs()
            let isDone = !jobs.isEmpty && jobs.allSatisfy { $0.state == .completed && !$0.needsDisposal }
            return isDone && !daemon.exists("inbox/a.png") ? true : nil
        }
        let jobs = daemon.jobs()
        let hashes = Set(jobs.map(\.input.contentSHA256))
        #expect(hashes.count == jobs.count)
        #expect(jobs.map(\.input.contentSize).max() ?? 0 <= Int64(DaemonSamples.png(variant: 0).count))
        #expect(Set(jobs.compactMap(\.output)).count == jobs.count)
        // The last version is among the outputs.
        #expect(daemon.files(below: "outbox").count == jobs.count)
    }

    @Test func equalFilesAreComputedOnce() throws {
        let daemon = try DaemonHarness()
        for name in ["a.png", "b.png", "sub/a.png"] { try daemon.write(DaemonSamples.png, to: "inbox/\(name)") }
        #expect(try daemon.run("--drain") == 0)
        let jobs = daemon.jobs()
        #expect(jobs.count == 3)
        #expect(jobs.allSatisfy { $0.state == .completed })
        #expect(jobs.filter { $0.reusedJobID != nil }.count == 2)
        // Each job names the kernels that computed its output.
        let kernels = jobs.map(\.metrics?.kernels)
        #expect(kernels[0] != nil && Set(kernels).count == 1)
        let outputs = try Set(
            ["a.png", "b.png", "sub/a.png"].map { try Data(contentsOf: url(daemon.path("outbox/\($0)"))) })
        #expect(outputs.count == 1)
    }

    @Test func aKeptOriginalIsTakenOnlyOnceAcrossRestarts() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0.3\noriginals = \"keep\"")
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0)
        #expect(try daemon.run("--drain") == 0)
        #expect(daemon.jobs().count == 1)
        #expect(daemon.files(below: "inbox") == ["a.png"])
        #expect(daemon.files(below: "outbox") == ["a.png"])
        // Another image under the same name is a new job; the first output keeps its name.
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0)
        #expect(daemon.files(below: "outbox") == ["a (2).png", "a.png"])
    }

    @Test func namesOfAnyBytes() throws {
        let daemon = try DaemonHarness()
        var names = [
            [UInt8]("two\nlines.png".utf8), [0x66, 0xFF, 0xFE, 0x2E, 0x70, 0x6E, 0x67], [UInt8]("-rf [Q=1].png".utf8),
        ]
        names.append([UInt8](repeating: 0x61, count: 251) + [UInt8](".png".utf8))
        names.append([UInt8]("\u{1b}[31mred.png".utf8))
        for name in names {
            try DaemonHarness.write(DaemonSamples.png, to: FilePath(bytes: daemon.path("inbox").bytes + [0x2F] + name))
        }
        #expect(try daemon.run("--drain") == 0)
        for name in names {
            let output = FilePath(bytes: daemon.path("outbox").bytes + [0x2F] + name)
            #expect(output.withPlatformString { access($0, F_OK) } == 0, "\(output.escaped)")
        }
        let control = daemon.log.unicodeScalars.filter { $0.value < 32 && $0 != "\n" }
        #expect(control.isEmpty)
        #expect(daemon.log.contains(#"two\nlines.png"#))
    }

    @Test func formatAndNameFollowTheInbox() throws {
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 0.3\nformat = \"webp\"\nnaming = \"{id}-{stem}-x{scale}-{model}{extension}\"")
        try daemon.write(DaemonSamples.jpeg, to: "inbox/a.jpeg")
        #expect(try daemon.run("--drain") == 0)
        #expect(daemon.files(below: "outbox") == ["1-a-x4-tiny.webp"])
        let bytes = try Data(contentsOf: url(daemon.path("outbox/1-a-x4-tiny.webp")))
        #expect(bytes.prefix(4) == Data("RIFF".utf8))
        let metrics = try #require(daemon.jobs().first?.metrics)
        #expect((metrics.inputWidth, metrics.inputHeight) == (12, 8))
        #expect((metrics.outputWidth, metrics.outputHeight) == (48, 32))
        #expect(metrics.outputBytes == Int64(bytes.count))
    }

    private func url(_ path: FilePath) -> URL { URL(fileURLWithPath: path.string) }
}
