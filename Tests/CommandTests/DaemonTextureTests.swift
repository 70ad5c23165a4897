import Foundation
import LinuxSupport
import SystemPackage
import Testing

/// `[[inbox]] texture`: a mixture of a model with its fidelity model.
@Suite struct DaemonTextureTests {
    /// A daemon whose inbox mixes `crisp` with `plain`, a model of the same shape.
    private static func daemon(_ keys: String) throws -> DaemonHarness {
        let daemon = try DaemonHarness()
        try daemon.write(DaemonSamples.compactModel(scale: 2), to: "models/plain.safetensors")
        try daemon.write(DaemonSamples.compactModel(scale: 2, seed: 7), to: "models/crisp.safetensors")
        let text = try String(contentsOfFile: daemon.configurationPath.string, encoding: .utf8)
        try daemon.configure(text.replacingOccurrences(of: "model = \"tiny\"", with: "model = \"crisp\"\n\(keys)"))
        return daemon
    }

    @Test func aMixtureIsAModelOfItsOwn() throws {
        let daemon = try Self.daemon("texture = 0.25\nfidelity_model = \"plain\"")
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0, "\(daemon.log)")
        let job = try #require(daemon.jobs().first)
        #expect(job.state == .completed)
        let hashes = try ["plain", "crisp"].map { try RegularFile.sha256(daemon.path("models/\($0).safetensors")) }
        #expect(job.input.modelSHA256 == SHA256.hash(Array("texture 0.25\n\(hashes[0])\n\(hashes[1])\n".utf8)))

        let shell = try SrganRunner()
        func model(_ name: String) -> String { daemon.path("models/\(name).safetensors").string }
        let output = try Data(
            contentsOf: URL(filePath: daemon.path("outbox/\(daemon.files(below: "outbox")[0])").string))
        for (options, isSame) in [(["--texture", "0.25"], true), (["--texture", "0.5"], false)] {
            let result = try shell.run(
                [
                    "upscale", "--force", daemon.path("archive/a.png").string, shell.path("a.png"), "--model",
                    model("crisp"), "--fidelity-model", model("plain"),
                ] + options)
            #expect(result.status == 0, "\(result.errors)")
            #expect(try (Data(shell.bytes("a.png")) == output) == isSame)
        }
        let shown = try JobsProgram.run(
            ["--config", daemon.configurationPath.string, "show", "\(job.id)"], in: URL(filePath: daemon.root.string))
        #expect(shown.output.contains(/\nModel +crisp \(texture 0.25\)\n/), "\(shown.output)")

        // Lost copies are made again.
        for name in daemon.files(below: "state/models") {
            try FileManager.default.removeItem(atPath: daemon.path("state/models/\(name)").string)
        }
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox/b.png")
        #expect(try daemon.run("--drain") == 0, "\(daemon.log)")
        #expect(daemon.jobs().allSatisfy { $0.state == .completed } && daemon.jobs().count == 2)
    }

    @Test(arguments: [(0, "plain"), (1, "crisp")]) func theEndsAreTheModels(texture: Int, name: String) throws {
        let daemon = try Self.daemon("texture = \(texture)\nfidelity_model = \"plain\"")
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0, "\(daemon.log)")
        let sha256 = try RegularFile.sha256(daemon.path("models/\(name).safetensors"))
        #expect(daemon.jobs().first?.input.modelSHA256 == sha256)
    }

    @Test(arguments: [
        ("texture = 0.5", "inbox[1].texture: needs the fidelity model of \"crisp\": name it in fidelity_model."),
        ("texture = 2", "inbox[1].texture: must be"),
        ("fidelity_model = \"plain\"", "inbox[1].fidelity_model: has no effect without texture."),
        ("texture = 0.5\nfidelity_model = \"nowhere\"", "There is no model named \"nowhere\""),
        ("texture = 0.5\nfidelity_model = \"deep\"", "cannot be mixed with"),
    ])
    func mistakes(_ keys: String, _ message: String) throws {
        let daemon = try Self.daemon(keys)
        try daemon.write(DaemonSamples.rrdbModel(steps: 1), to: "models/deep.safetensors")
        #expect(try daemon.run("--check-config") == 78)
        #expect(daemon.log.contains(message), "\(daemon.log)")
    }
}
