import Foundation
import LinuxSupport
import Testing

/// `srgan-jobs events`.
@Suite("srgan-jobs events")
struct JobsEventsTests {
    private func objects(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    @Test("shows the newest, those after a number, and those of a kind")
    func selects() throws {
        let folder = try JobsFolder()
        for name in ["a.png", "b.png", "c.png"] { try folder.enqueue(name) }
        _ = try folder.store.cancel(id: 2, now: Date())
        func ids(_ line: String) throws -> [Int] {
            let outcome = try folder.run(line: "events --json " + line)
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            return try objects(outcome.output).compactMap { $0["event"] as? Int }
        }
        #expect(try ids("") == [1, 2, 3, 4])
        #expect(try ids("--limit 2") == [3, 4])
        #expect(try ids("--limit 0") == [1, 2, 3, 4])
        #expect(try ids("--after 1 --limit 1") == [2, 3, 4])
        #expect(try ids("--after 4") == [])
        #expect(try ids("--kind cancelled,failed") == [4])
        #expect(try ids("--kind created --limit 2") == [2, 3])
        let text = try folder.run(line: "events --limit 1").output
        #expect(text.hasPrefix("4  ") && text.hasSuffix("  cancelled  job 2  b.png\n"), "\(text)")
    }

    @Test("an object has the event and the job as it is now")
    func fields() throws {
        let folder = try JobsFolder()
        try folder.enqueue("a.png")
        _ = try folder.store.cancel(id: 1, now: Date())
        let first = try #require(objects(folder.run("events", "--json").output).first)
        #expect(first["version"] as? Int == 1 && first["kind"] as? String == "created" && first["job_id"] as? Int == 1)
        #expect(first["input"] as? String == "/in/a.png" && first["inbox"] as? String == "/in")
        #expect(first["output"] is NSNull && first["reason"] is NSNull && first["attempt"] as? Int == 0)
        #expect((first["job"] as? [String: Any])?["state"] as? String == "cancelled")
        try folder.store.recordDisposal(id: 1, disposedSource: nil)
        _ = try folder.store.prune(finishedBefore: Date() + 60) { _, _ in false }
        #expect(try objects(folder.run("events", "--json").output).allSatisfy { $0["job"] is NSNull })
    }

    @Test("says which events are no longer kept, and that a queue is another one")
    func gaps() throws {
        let folder = try JobsFolder()
        try folder.enqueue("a.png")
        try folder.enqueue("b.png")
        _ = try folder.store.pruneEvents(before: Date() + 60)
        try folder.enqueue("c.png")
        let missing = try folder.run("events", "--after", "1")
        #expect(
            missing.code == 0 && missing.errors.contains("the events 2 to 2 are no longer kept"), "\(missing.errors)")
        #expect(try folder.run("events").errors.isEmpty)
        let other = try folder.run("events", "--after", "99")
        #expect(other.errors.contains("the log ends at event 3") && other.output.isEmpty, "\(other.errors)")
        #expect(try folder.run("events", "--kind", "borne").code == 64)
        #expect(try folder.run("events", "--after", "-1").code == 64)
    }

    @Test("--follow prints events as they happen and ends with its pipe")
    func follows() throws {
        let folder = try JobsFolder()
        try folder.enqueue("before.png")
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "srgan-jobs")
        process.arguments = ["events", "--follow", "--json", "--after", "0"]
        process.currentDirectoryURL = folder.url
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer { process.terminate() }
        var text = ""
        func read(lines: Int) throws {
            while text.count(where: { $0 == "\n" }) < lines {
                let part = output.fileHandleForReading.availableData
                try #require(!part.isEmpty)
                text += String(decoding: part, as: UTF8.self)
            }
        }
        // The first event is printed before the others happen.
        try read(lines: 1)
        try folder.enqueue("later.png")
        _ = try folder.store.cancel(id: 1, now: Date())
        try read(lines: 3)
        #expect(try objects(text).map { $0["kind"] as? String } == ["created", "created", "cancelled"])
        // A further event ends the program, because nobody reads its pipe any more.
        try output.fileHandleForReading.close()
        try folder.enqueue("last.png")
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGPIPE)
    }
}
