import Foundation
import JobQueue
import SystemPackage
import Testing

/// Files that are no images and do not claim to be any stay in the inbox.
@Suite struct DaemonIgnoredTests {
    @Test func onlyAnImagesNameOrContentMakesAJob() throws {
        let daemon = try DaemonHarness(sections: "[metrics]\nfile = \"srgan.prom\"\ninterval_seconds = 1")
        try daemon.write(Data("Buy milk.".utf8), to: "inbox/notes.txt")
        try daemon.write(Data("<x:xmpmeta/>".utf8), to: "inbox/trip/a.jpg.xmp")
        try daemon.write(Data("{}".utf8), to: "inbox/other.json")
        try daemon.write(Data(), to: "inbox/empty")
        try daemon.write(DaemonSamples.jpeg, to: "inbox/trip/a.jpg")
        try daemon.write(DaemonSamples.png, to: "inbox/no extension")
        try daemon.write(Data("A letter.".utf8), to: "inbox/letter.JPG")
        try daemon.start()
        try daemon.wait(for: "a.jpg", .completed)
        try daemon.wait(for: "no extension", .completed)
        #expect(try daemon.wait(for: "letter.JPG", .failed).reason == .notAnImage)
        try daemon.wait("the metric") { daemon.metric("srgan_ignored_files 3") ? true : nil }
        #expect(daemon.jobs().count == 3)
        #expect(daemon.files(below: "inbox") == ["empty", "notes.txt", "other.json"])
        #expect(daemon.files(below: "archive") == ["no extension", "trip/a.jpg", "trip/a.jpg.xmp"])
        #expect(daemon.files(below: "failed") == ["letter.JPG", "letter.JPG.reason.txt"])

        func jobs(_ arguments: String...) throws -> JobsProgram.Outcome {
            try JobsProgram.run(
                ["--config", daemon.configurationPath.string] + arguments, in: URL(filePath: daemon.root.string))
        }
        #expect(
            try jobs("health").output.hasPrefix(
                "ready: ignored files that are no images: 3 (srgan-jobs list --ignored)\n"))
        let listed = try jobs("list", "--ignored").output
        for name in ["empty", "notes.txt", "other.json"] { #expect(listed.contains("/inbox/\(name)")) }
        #expect(!listed.contains("a.jpg"))
        let json = try JSONSerialization.jsonObject(with: Data(try jobs("list", "--ignored", "--json").output.utf8))
        let entries = try #require((json as? [String: Any])?["ignored"] as? [[String: Any]])
        #expect(
            entries.compactMap { $0["file"] as? String }.sorted()
                == ["empty", "notes.txt", "other.json"].map { daemon.path("inbox/\($0)").string })
        #expect(entries.first { ($0["file"] as? String)?.hasSuffix("notes.txt") == true }?["bytes"] as? Int == 9)
        let hidden = try jobs("list", "--ignored", "--limit", "1").output
        #expect(hidden.contains("2 older not shown; --limit 0 shows all."))
        #expect(try jobs("list", "--ignored", "--watch").code == 64)

        // An ignored file whose content becomes an image is taken.
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/empty")
        try daemon.wait(for: "empty", .completed)
        unlink(daemon.path("inbox/notes.txt").string)
        _ = try daemon.ask(.rescan)
        try daemon.wait("the metric") { daemon.metric("srgan_ignored_files 1") ? true : nil }
        #expect(try daemon.stop() == 0)
        #expect(try jobs("list", "--ignored").output.contains("/inbox/other.json"))
    }

    @Test func aDrainIgnoresThemToo() throws {
        let daemon = try DaemonHarness()
        try daemon.write(Data("Buy milk.".utf8), to: "inbox/notes.txt")
        #expect(try daemon.run("--drain") == 0)
        #expect(daemon.jobs().isEmpty && daemon.files(below: "inbox") == ["notes.txt"])
    }
}
