import Foundation
import LinuxSupport
import SystemPackage
import Testing

/// `model = ["a", "b"]`: one model runs on the result of the other, in one job.
@Suite struct DaemonChainTests {
    private static let naming = #"naming = "{stem}_{model}_x{scale}{extension}""#

    /// A daemon whose inbox uses a list of models; `clean` has the scale 1, `twice` 2 and `sharp` 4.
    private static func daemon(models: String) throws -> DaemonHarness {
        let daemon = try DaemonHarness()
        try daemon.write(DaemonSamples.compactModel(scale: 1), to: "models/clean.safetensors")
        try daemon.write(DaemonSamples.compactModel(scale: 2), to: "models/twice.safetensors")
        try daemon.write(DaemonSamples.rrdbModel(steps: 2), to: "models/sharp.safetensors")
        let text = try String(contentsOfFile: daemon.configurationPath.string, encoding: .utf8)
        try daemon.configure(text.replacingOccurrences(of: "model = \"tiny\"", with: "\(naming)\nmodel = \(models)"))
        return daemon
    }

    private static func hash(_ daemon: DaemonHarness, _ names: String...) throws -> String {
        let hashes = try names.map { try RegularFile.sha256(daemon.path("models/\($0).safetensors")) }
        return SHA256.hash(Array(hashes.map { $0 + "\n" }.joined().utf8))
    }

    @Test func aChainRunsOneModelOnTheResultOfTheOther() throws {
        let daemon = try Self.daemon(models: #"["clean", "sharp"]"#)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0)
        let job = try #require(daemon.jobs().first)
        #expect(daemon.files(below: "outbox") == ["a_clean+sharp_x4.png"], "\(daemon.log)")
        #expect(try job.input.modelSHA256 == Self.hash(daemon, "clean", "sharp"))
        #expect(job.metrics?.outputWidth == 48 && job.metrics?.outputHeight == 32)

        // The command writes the same file, and without `sharp` another one.
        let folder = URL(filePath: daemon.root.string)
        let shell = try SrganRunner()
        func upscale(_ models: String) throws -> Data {
            let result = try shell.run([
                "upscale", "--force", daemon.path("archive/a.png").string, shell.path("a.png"), "--model", models,
            ])
            #expect(result.status == 0, "\(result.errors)")
            return Data(try shell.bytes("a.png"))
        }
        let (clean, sharp) = (daemon.path("models/clean.safetensors"), daemon.path("models/sharp.safetensors"))
        let output = try Data(contentsOf: folder.appending(path: "outbox/a_clean+sharp_x4.png"))
        #expect(try upscale("\(clean),\(sharp)") == output)
        #expect(try upscale(sharp.string) != output)

        let config = daemon.configurationPath.string
        let shown = try JobsProgram.run(["--config", config, "show", "\(job.id)"], in: folder)
        #expect(shown.output.contains(/\nModel +clean,sharp\n/))
        let listed = try shell.run(["model", "list", "--json", "--config", config])
        let object = try JSONSerialization.jsonObject(with: Data(listed.output)) as? [String: Any]
        for model in try #require(object?["models"] as? [[String: Any]]) {
            let isUsed = ["clean", "sharp"].contains(model["name"] as? String)
            #expect(model["inboxes"] as? [String] == (isUsed ? [daemon.path("inbox").string] : []))
        }
    }

    /// The private copies of a chain's models are made again like those of a single model.
    @Test func lostAndDamagedCopiesOfAChainAreReplaced() throws {
        let daemon = try Self.daemon(models: #"["clean", "twice"]"#)
        #expect(try daemon.run("--drain") == 0)
        let copies = daemon.files(below: "state/models")
        let chain = try Self.hash(daemon, "clean", "twice") + ".combination"
        #expect(copies.count == 3 && copies.contains(chain))
        try daemon.start()
        for (number, name) in copies.enumerated() {
            try FileManager.default.removeItem(atPath: daemon.path("state/models/\(name)").string)
            if number == 1 { try daemon.write(Data("damaged".utf8), to: "state/models/\(name)") }
            try daemon.write(DaemonSamples.png(variant: number), to: "inbox/\(number).png")
            try daemon.wait(for: "\(number).png", .completed)
            #expect(daemon.files(below: "state/models") == copies)
        }
        #expect(try daemon.stop() == 0)
        // Without the chain, its copies are removed.
        let text = try String(contentsOfFile: daemon.configurationPath.string, encoding: .utf8)
        try daemon.configure(text.replacingOccurrences(of: #"["clean", "twice"]"#, with: "\"tiny\""))
        #expect(try daemon.run("--drain") == 0)
        #expect(
            try daemon.files(below: "state/models")
                == [RegularFile.sha256(daemon.path("models/tiny.safetensors")) + ".safetensors"])
    }

    /// A job that was queued before a reload still runs with the models that it was queued for.
    @Test func aReloadTakesChangedModels() throws {
        let daemon = try Self.daemon(models: #"["clean", "twice"]"#)
        try daemon.start()
        let before = try Self.hash(daemon, "clean", "twice")
        _ = try daemon.ask(.pause)
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        try daemon.wait(for: "a.png", .available)
        try daemon.write(DaemonSamples.rrdbModel(steps: 3), to: "models/twice.safetensors")
        kill(try #require(daemon.process).processIdentifier, SIGHUP)
        try daemon.wait("the reload") { daemon.log.contains("The configuration was reloaded") ? true : nil }
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox/b.png")
        try daemon.wait(for: "b.png", .available)
        _ = try daemon.ask(.resume)
        #expect(try daemon.wait(for: "a.png", .completed).input.modelSHA256 == before)
        #expect(try daemon.wait(for: "b.png", .completed).input.modelSHA256 == Self.hash(daemon, "clean", "twice"))
        #expect(daemon.files(below: "outbox") == ["a_clean+twice_x2.png", "b_clean+twice_x8.png"])
        #expect(try daemon.stop() == 0)
    }

    @Test(arguments: [
        ("[]", "inbox[1].model: must be a string or a list of at least one string, and none may be empty."),
        (#"["clean", ""]"#, "inbox[1].model: must be a string or a list of at least one string"),
        (#"["clean", 4]"#, "inbox[1].model: must be a list of strings."),
        (#"["clean", "shrap"]"#, #"inbox[1].model: There is no model named "shrap". Did you mean "sharp"?"#),
        (#"["twice", "sharp", "sharp"]"#, "inbox[1].model: The models of the chain (x2, x4, x4) upscale 32 times"),
        (#"["clean", "a,b"]"#, "inbox[1].model: names several models, and none of their names may have a comma"),
    ])
    func badListsAreMistakes(_ models: String, _ message: String) throws {
        let daemon = try Self.daemon(models: models)
        #expect(try daemon.run("--check-config") == 78)
        #expect(daemon.log.contains(message), "\(daemon.log)")
    }
}
