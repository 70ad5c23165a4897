import Foundation
import JobQueue
import SystemPackage
import Testing

/// Bad files, models and configurations cause a clear message, and no file is lost.
@Suite struct DaemonBadInputTests {
    @Test func everyBadFileHasAReasonAndIsKept() throws {
        let daemon = try DaemonHarness()
        try daemon.write(Data("This is a letter.".utf8), to: "inbox/letter.jpg")
        try daemon.write(DaemonSamples.jpeg.prefix(500), to: "inbox/truncated.jpg")
        try daemon.write(Data(), to: "inbox/empty.png")
        try daemon.makeFolder("inbox/folder.jpg")
        mkfifo(daemon.path("inbox/fifo.png").string, 0o600)
        symlink("/etc/hostname", daemon.path("inbox/link.png").string)
        try daemon.write(DaemonSamples.png, to: "inbox/good.png")
        #expect(try daemon.run("--drain") == 2)

        let reasons = Dictionary(
            uniqueKeysWithValues: daemon.jobs().map { ($0.input.source.lastComponent!.string, $0.reason) })
        #expect(
            reasons == [
                "letter.jpg": .notAnImage, "truncated.jpg": .truncated, "empty.png": .empty,
                "fifo.png": .notARegularFile,
                "link.png": .notARegularFile, "good.png": nil,
            ])
        #expect(
            daemon.files(below: "failed") == [
                "empty.png", "empty.png.reason.txt", "letter.jpg", "letter.jpg.reason.txt", "truncated.jpg",
                "truncated.jpg.reason.txt",
            ])
        #expect(daemon.files(below: "outbox") == ["good.png"])
        #expect(daemon.exists("inbox/folder.jpg"))
        #expect(daemon.exists("inbox/fifo.png"))
        let text = try String(contentsOfFile: daemon.path("failed/truncated.jpg.reason.txt").string, encoding: .utf8)
        #expect(text.hasPrefix("truncated: "))
        // No job is retried automatically.
        #expect(try daemon.run("--drain") == 0)
        #expect(daemon.jobs().count == 6)
    }

    @Test func aFormatThatIsNotAllowedIsRejected() throws {
        let daemon = try DaemonHarness()
        var text = try String(contentsOfFile: daemon.configurationPath.string, encoding: .utf8)
        text = text.replacingOccurrences(of: "[limits]", with: "[limits]\nformats = [\"jpeg\"]")
        try daemon.configure(text)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.write(DaemonSamples.jpeg, to: "inbox/b.jpg")
        #expect(try daemon.run("--drain") == 2)
        #expect(try daemon.job("a.png")?.reason == .unsupportedFormat)
        #expect(try daemon.job("b.jpg")?.state == .completed)
    }

    @Test func anUnknownKeyIsReportedWithItsLine() throws {
        let daemon = try DaemonHarness(inbox: "setle_seconds = 1\nquality = 0")
        for arguments in [["--check-config"], ["--drain"], []] {
            #expect(try daemon.exit(of: daemon.launch(arguments)) == 78)
        }
        #expect(daemon.log.contains("config.toml:7: inbox[1].setle_seconds: is not a known key"))
        #expect(daemon.log.contains("config.toml:8: inbox[1].quality: must be from 1 to 100, but is 0."))
        #expect(!daemon.exists("state"))
    }

    @Test func aGoodConfigurationPassesTheCheck() throws {
        #expect(try DaemonHarness().run("--check-config") == 0)
    }

    @Test func aMissingTruncatedOrForeignModelPreventsTheStart() throws {
        let daemon = try DaemonHarness(model: DaemonSamples.tinyModel().dropLast(1000))
        #expect(try daemon.run("--check-config") == 78)
        #expect(daemon.log.contains("config.toml:6: inbox[1].model: "))
        #expect(daemon.log.contains("is truncated"))
        try FileManager.default.removeItem(atPath: daemon.path("models/tiny.safetensors").string)
        #expect(try daemon.run() == 78)
        #expect(daemon.log.contains("There is no model named \"tiny\". "))
        #expect(!daemon.log.contains("earched folders: "))
        try daemon.write(DaemonSamples.otherModel(), to: "models/tin.safetensors")
        #expect(try daemon.run("--check-config") == 78)
        #expect(daemon.log.contains("Did you mean \"tin\"? Known models: "))
        try daemon.write(DaemonSamples.otherModel(), to: "models/tiny.safetensors")
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 78)
        #expect(daemon.log.contains("holds an unknown kind of network; its first entries are \"embedding.weight\""))
        #expect(daemon.exists("inbox/a.png"))
    }

    @Test func helpAndVersion() throws {
        let daemon = try DaemonHarness()
        #expect(try daemon.run("--version") == 0)
        #expect(try daemon.run("--no-such-option") == 64)
        #expect(try daemon.run("--drain", "--check-config") == 64)
    }
}
