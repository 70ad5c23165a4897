import FaultInjection
import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

/// Promises 8 and 9: a partial image never becomes a completed job, and a file that changes during its job gives the
/// image of one of its versions.
@Suite(.serialized) struct ChangingFileTests {
    /// Ways of changing a file that the service has taken.
    private static let ways = [
        "cat new.png > \"$f\"", "cp new.png new.tmp && mv new.tmp \"$f\"", "cat new.png >> \"$f\"", ": > \"$f\"",
        "rm \"$f\"",
    ]

    @Test func aFileThatChangesDuringItsJobGivesOneVersion() throws {
        let repetitions = Torture.count(5, full: 200)
        var versions = 0
        for first in stride(from: 0, to: repetitions, by: 50) {
            versions += try change(min(50, repetitions - first), fault: nil)
        }
        Torture.report(
            "9",
            "\(repetitions) files replaced, appended to or emptied in work: \(versions) outputs, each of one version")
    }

    @Test func aDaemonWithoutSpooledCopiesIsDetected() throws {
        #expect(throws: (any Error).self) { _ = try change(1, fault: .workOnOriginal) }
    }

    /// Changes files while their workers run; returns the number of outputs. Throws if an output belongs to no version.
    private func change(_ count: Int, fault: Fault?) throws -> Int {
        // The worker itself changes the file in the inbox before it begins, so that no image is finished too early. It
        // changes only its own file: another one may just have been dropped and not been copied completely yet.
        let ways = Self.ways.enumerated().map { "\($0.offset)) \($0.element);;" }.joined(separator: " ")
        let run = try FaultRun(
            worker: """
                for f in inbox/*.png; do
                    cmp -s "$f" /proc/self/fd/0 || continue
                    n=$(basename "$f" .png); [ -e "changed-$n" ] && continue
                    : > "changed-$n"
                    case $((n % \(Self.ways.count))) in \(ways) esac
                done
                exec "$SRGAN" "$@"
                """, fault: fault)
        let images = try SmallImage.set(count + 1)
        let new = images[count]
        try run.daemon.write(new.content, to: "new.png")
        try run.start()
        for number in 0..<count {
            try run.drop(images[number], as: "\(number).png")
            try run.daemon.wait("\(number).png") {
                run.daemon.jobs().contains {
                    $0.input.source.lastComponent?.string == "\(number).png" && $0.state.isFinal
                } ? true : nil
            }
        }
        #expect(try run.daemon.stop() == 0)
        // Then processes the changed files.
        let status = try run.daemon.exit(of: run.daemon.launch(["--drain"], environment: run.environment))
        #expect([0, 2].contains(status))
        // Bytes appended to a PNG are not part of the image.
        var outputs = [Self.sha256(new.content): new.output]
        for image in images {
            outputs[Self.sha256(image.content)] = image.output
            outputs[Self.sha256(image.content + new.content)] = image.output
        }
        let completed = run.daemon.jobs().filter { $0.state == .completed }
        for job in completed {
            let output = try Data(contentsOf: URL(fileURLWithPath: #require(job.output).string))
            guard output == outputs[job.input.contentSHA256] else {
                throw DaemonHarness.TimedOut(description: "\(job.input.source) has the output of no version")
            }
        }
        let whole = Set(completed.map(\.input.contentSHA256))
        for image in images[..<count] where !whole.contains(Self.sha256(image.content)) {
            throw DaemonHarness.TimedOut(description: "an image that was taken whole is not completed")
        }
        return completed.count
    }

    // MARK: - Half copies

    @Test func anInterruptedCopyIsNotCompleted() throws {
        let daemon = try DaemonHarness()
        let png = try SmallImage.set(1)[0].content
        let half = png.prefix(png.count / 2)
        try daemon.start()
        // The copying program stalls for longer than the settle time. A file that arrives later shows that it has passed.
        let file = try FileDescriptor.open(
            daemon.path("inbox/a.png"), .writeOnly, options: [.create], permissions: [.ownerReadWrite])
        try file.writeAll(half)
        try daemon.write(DaemonSamples.png(variant: 1), to: "outside/later.png")
        try #require(link(daemon.path("outside/later.png").string, daemon.path("inbox/later.png").string) == 0)
        try daemon.wait(for: "later.png", .completed)
        #expect(try daemon.job("a.png") == nil)
        // It is killed, and the file is copied again.
        try file.close()
        #expect(try daemon.wait(for: "a.png", .failed).reason == .truncated)
        try daemon.write(png, to: "inbox/a.png")
        try daemon.wait("the whole image") {
            daemon.jobs().count { $0.state == .completed && !$0.needsDisposal } == 2 ? true : nil
        }
        #expect(try daemon.stop() == 0)
        #expect(daemon.files(below: "outbox") == ["a.png", "later.png"])
        #expect(daemon.jobs().map(\.state) == [.completed, .failed, .completed])
    }

    @Test func noPartialFileIsCompleted() throws {
        var parts = 0
        for (name, whole) in [("a.png", try SmallImage.set(1)[0].content), ("a.jpg", DaemonSamples.jpeg)] {
            let step = Torture.isFull ? 1 : whole.count / 12
            let cuts = Set(stride(from: 1, to: whole.count, by: step)).union([whole.count - 2, whole.count - 1])
            #expect(try Self.completedParts(of: whole, as: name, cuts: cuts) == [])
            parts += cuts.count
        }
        Torture.report("8", "\(parts) files cut at different bytes: none became a completed job of half an image")
    }

    /// The worker's program decodes with libvips' defaults, which accept half a JPEG.
    @Test func aDecoderThatAcceptsPartialFilesIsDetected() throws {
        let jpeg = DaemonSamples.jpeg
        let parts = try Self.completedParts(
            of: jpeg, as: "a.jpg", cuts: [jpeg.count - 40],
            worker: #"""
                f="in-$$"; cat > "$f"; vips copy "$f" "$f.jpg"; exec "$SRGAN" "$@" < "$f.jpg"
                """#)
        #expect(parts == [jpeg.count - 40])
    }

    /// The lengths at which a partial file became a completed job whose image differs from the whole file's.
    private static func completedParts(
        of whole: Data, as name: String, cuts: Set<Int>, worker: String? = nil
    ) throws -> [Int] {
        let daemon = try DaemonHarness(worker: worker)
        try daemon.write(whole, to: "inbox/\(whole.count)/\(name)")
        for length in cuts { try daemon.write(whole.prefix(length), to: "inbox/\(length)/\(name)") }
        let status = try daemon.run("--drain")
        #expect([0, 2].contains(status))
        let jobs = daemon.jobs()
        #expect(jobs.count == cuts.count + 1 && jobs.allSatisfy(\.state.isFinal))
        func output(_ length: Int) -> Data? {
            FileManager.default.contents(atPath: daemon.path("outbox/\(length)/\(name)").string)
        }
        let right = try #require(output(whole.count))
        return cuts.filter { output($0).map { $0 != right } ?? false }.sorted()
    }

    private static func sha256(_ data: Data) -> String {
        SHA256.hash(data)
    }
}
