import Foundation
import Imaging
import JobQueue
import SystemPackage
import Testing

/// Damaged images, in a fixed sequence.
@Suite("Mutated images", .serialized)
struct MutatedImageTests {
    private static let seed = "20161"
    private static let reasons = Set(ImagingError.Code.allCases.map { "\($0)" }).union(["fine"])

    @Test("decoded in a sandboxed process: each is fine or has a reason, none crashes it or takes for ever")
    func decoding() throws {
        let count = Torture.count(1000, full: 10_000)
        var outcomes: [Int: String] = [:]
        var crashes: [Int] = []
        var first = 0
        while first < count {
            let (text, status) = try Self.run("\(first)", "\(count - first)")
            var begun = first
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                begun = try #require(Int(words[0]))
                if words[1] != "begin" { outcomes[begun] = String(words[1]) }
            }
            if status == 0 { break }
            crashes.append(begun)
            #expect(status != 79, "number \(begun) takes for ever")
            try #require(status != 77, "no sandbox")
            first = begun + 1
        }
        #expect(outcomes.count + crashes.count == count)
        #expect(Set(outcomes.values).isSubset(of: Self.reasons), "\(Set(outcomes.values))")
        #expect(crashes == [], "a worker that crashes costs one job; here it is known which")
        // The test would prove nothing if decoders noticed no damage, or if they rejected everything at the header.
        let tally = Dictionary(grouping: outcomes.values) { $0 }.mapValues(\.count)
        #expect(tally["fine", default: 0] > count / 20 && tally["fine", default: 0] < count * 19 / 20, "\(tally)")
        #expect(tally["corrupt", default: 0] > count / 20 && tally["truncated", default: 0] > count / 50, "\(tally)")
        Torture.report("16", "\(count) images decoded: \(crashes.count) crashes, 0 hangs, \(tally)")
    }

    @Test("through a real daemon: each ends with a state and a reason, and the daemon survives")
    func throughTheDaemon() throws {
        let count = Torture.count(40, full: 10_000)
        let daemon = try DaemonHarness()
        var text = try String(contentsOfFile: daemon.configurationPath.string, encoding: .utf8)
        text = text.replacingOccurrences(
            of: "[limits]",
            with: "[limits]\nformats = [\"jpeg\", \"png\", \"webp\", \"tiff\", \"gif\"]\nmax_megapixels = 1")
        text = text.replacingOccurrences(
            of: "[retry]", with: "[workers]\nprocesses = 2\nthreads = 1\n[retry]\nmax_attempts = 2")
        try daemon.configure(text)
        try daemon.makeFolder("outside")
        #expect(try Self.run("0", "\(count)", daemon.path("outside").string).status == 0)
        try daemon.start()
        let pid = try daemon.status()?.pid
        for name in daemon.files(below: "outside") { try daemon.move("outside/\(name)", to: "inbox/\(name)") }
        var last = -1
        while last < count {
            try daemon.wait("one more job to end") { () -> Bool? in
                let ended = daemon.jobs().filter { $0.state.isFinal && !$0.needsDisposal }.count
                guard ended > last else { return nil }
                last = ended
                return true
            }
        }
        let jobs = daemon.jobs()
        #expect(jobs.count == count)
        for job in jobs where job.state != .completed {
            #expect(job.state == .failed && job.reason != nil && job.message?.isEmpty == false, "\(job)")
            #expect(job.reason != .workerTimedOut, "\(job)")
        }
        #expect(try daemon.status()?.pid == pid)
        #expect(try daemon.stop() == 0)
        let completed = jobs.filter { $0.state == .completed }.count
        let crashed = jobs.filter { $0.reason == .workerCrashed }.count
        #expect(daemon.files(below: "outbox").count == completed)
        #expect(daemon.files(below: "failed").count == 2 * (count - completed))
        Torture.report("16", "\(count) images through a daemon: \(completed) completed, \(crashed) crashed workers")
    }

    private static func run(_ words: String...) throws -> (text: String, status: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: DaemonHarness.program("mutated-images").string)
        process.arguments = [seed] + words
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let isSignal = process.terminationReason == .uncaughtSignal
        return (text, process.terminationStatus + (isSignal ? 128 : 0))
    }
}
