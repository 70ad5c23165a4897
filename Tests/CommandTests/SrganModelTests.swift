import Foundation
import NeuralNetwork
import Testing

@Suite("srgan model info")
struct SrganModelTests {
    @Test("a table for people, a JSON object for scripts")
    func info() throws {
        let srgan = try SrganRunner()
        let table = try srgan.run(["model", "info", srgan.model])
        #expect(table.status == 0)
        let text = String(decoding: table.output, as: UTF8.self)
        for word in ["architecture", "srgan-generator", "CC0-1.0", "sha256"] { #expect(text.contains(word)) }

        let json = try srgan.run(["model", "info", srgan.model, "--json"])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output)) as? [String: Any])
        #expect(object["version"] as? Int == 1 && object["scale"] as? Int == 4 && object["blocks"] as? Int == 1)
        #expect(object["license"] as? String == "CC0-1.0" && (object["sha256"] as? String)?.count == 64)
        #expect(try #require(object["parameters"] as? Int) > 3000)
    }

    @Test("a network without fast kernels is reported as such and works")
    func generalPath() throws {
        let srgan = try SrganRunner()
        let own = srgan.path("wide.safetensors")
        try Data(TinyModel.file(lastKernel: 11).encoded()).write(to: URL(fileURLWithPath: own))
        func object(_ model: String) throws -> [String: Any] {
            let json = try srgan.run(["model", "info", model, "--json"])
            return try #require(try JSONSerialization.jsonObject(with: Data(json.output)) as? [String: Any])
        }
        let (fast, general) = (try object(srgan.model), try object(own))
        #expect(fast["kernels"] as? String != "reference" && fast["general_path_reason"] is NSNull)
        let reason = "no fast kernels for a last convolution of 11 x 11 (the maximum is 9 x 9)"
        #expect(general["kernels"] as? String == "reference" && general["general_path_reason"] as? String == reason)
        let table = try srgan.run(["model", "info", own])
        #expect(String(decoding: table.output, as: UTF8.self).contains("reference, the general path: \(reason)"))

        let image = srgan.path("in.png")
        try SampleImages.write(image)
        let upscale = try srgan.run(["upscale", image, srgan.path("out.png"), "--model", own])
        #expect(upscale.status == 0 && srgan.exists("out.png"), "\(upscale.errors)")
    }

    /// A checkpoint of another project, as made by PyTorch.
    private static let checkpoint = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "SRGANTests/Fixtures/family-krasserm.pth").path

    @Test("every command opens a checkpoint of another project, whatever its name is")
    func checkpoints() throws {
        let srgan = try SrganRunner()
        try FileManager.default.createDirectory(atPath: srgan.path("set"), withIntermediateDirectories: true)
        try SampleImages.write(srgan.path("set/in.png"), width: 64, height: 64)
        try FileManager.default.copyItem(atPath: Self.checkpoint, toPath: srgan.path("own.pth"))
        try FileManager.default.copyItem(atPath: Self.checkpoint, toPath: srgan.path("own.safetensors"))
        for model in ["own.pth", "./own.pth", "own.safetensors"] {
            for command in ["model info", "upscale -f set/in.png out.png --model", "evaluate --dataset set --model"] {
                let result = try srgan.shell("$SRGAN \(command) \(model)")
                #expect(result.status == 0, "\(command) \(model): \(result.errors)")
            }
        }
        #expect(try SampleImages.inspect(srgan.path("out.png")).width == 256)
    }

    @Test("a model file of another network is named by its network, not by a missing entry")
    func otherNetworks() throws {
        let srgan = try SrganRunner()
        try SampleImages.write(srgan.path("in.png"))
        let entries = ["conv_first.weight", "body.0.rdb1.conv1.weight", "conv_last.weight"]
        let file = SafetensorsFile(
            tensors: Dictionary(uniqueKeysWithValues: entries.map { ($0, Tensor(shape: [2, 2, 3, 3])) }), metadata: [:])
        try Data(file.encoded()).write(to: URL(fileURLWithPath: srgan.path("other.safetensors")))
        for command in ["model info", "upscale in.png out.png --model"] {
            let result = try srgan.shell("$SRGAN \(command) ./other.safetensors")
            #expect(result.status == 78)
            #expect(result.errors.contains("RRDB") && !result.errors.contains("conv1.0.weight"), "\(result.errors)")
        }
    }

    @Test("models are found by name in $SRGAN_MODELS")
    func byName() throws {
        let srgan = try SrganRunner()
        #expect(try srgan.shell("SRGAN_MODELS=$PWD $SRGAN model info tiny").status == 0)
        let missing = try srgan.run(["model", "info", "no-such-model"])
        #expect(missing.status == 78 && missing.errors.contains("no-such-model"))
    }

    @Test(
        "an unknown name: the known models and the nearest one; the folders only on request",
        arguments: ["upscale a b --model", "model info", "evaluate --dataset . --model"])
    func unknownName(command: String) throws {
        let srgan = try SrganRunner()
        let short = try srgan.shell("SRGAN_MODELS=$PWD $SRGAN \(command) tony")
        #expect(short.status == 78)
        #expect(short.errors.hasPrefix(#"srgan: There is no model named "tony". Did you mean "tiny"? Known models: "#))
        #expect(short.errors.contains("tiny") && !short.errors.contains("earched folders"))
        for option in ["-v", "--verbose"] {
            let long = try srgan.shell("SRGAN_MODELS=$PWD $SRGAN \(command) tony \(option)")
            #expect(long.status == 78 && long.errors.contains("Searched folders: \(srgan.folder.path), "))
        }
    }

    @Test("the list of models: a table for people, a JSON object for scripts")
    func list() throws {
        let srgan = try SrganRunner()
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: srgan.path("bad.safetensors")))
        let size = try srgan.bytes("tiny.safetensors").count
        let table = try srgan.shell(
            "SRGAN_MODELS=$PWD $SRGAN model list > table; status=$?; cat table >&2; exit $status")
        #expect(table.status == 0)
        let rows = table.errors.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let megabytes = String(format: "%.1f", Double(size) / 1e6)
        #expect(rows.contains(["NAME", "FAMILY", "SCALE", "SIZE", "LICENCE", "INBOX", "FILE"]))
        #expect(rows.contains(["tiny", "srgan-generator", "x4", megabytes, "MB", "CC0-1.0", "-", srgan.model]))
        #expect(rows.contains(["bad", "-", "-", "0.0", "MB", "-", "-", srgan.path("bad.safetensors")]))
        #expect(table.errors.contains("srgan: note: ") && !table.errors.contains("Searched folders"))
        #expect(try srgan.shell("SRGAN_MODELS=$PWD $SRGAN model list -v >&2").errors.contains("\nSearched folders:\n/"))

        _ = try srgan.shell("SRGAN_MODELS=$PWD $SRGAN model list --json > list.json")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(try srgan.bytes("list.json"))) as? [String: Any])
        let models = try #require(object["models"] as? [[String: Any]])
        let tiny = try #require(models.first { $0["name"] as? String == "tiny" })
        #expect(object["version"] as? Int == 1 && (object["folders"] as? [String])?.first == srgan.folder.path)
        #expect(tiny["family"] as? String == "srgan-generator" && tiny["inboxes"] as? [String] == [])
        #expect(tiny["megapixels_per_second"] is NSNull && tiny["license"] as? String == "CC0-1.0")
        #expect(tiny["scale"] as? Int == 4 && tiny["bytes"] as? Int == size && tiny["path"] as? String == srgan.model)
        #expect(models.first { $0["name"] as? String == "bad" }?["scale"] is NSNull)
    }

    @Test("the list of models names the inboxes that use a model, and its speed")
    func listOfInboxes() throws {
        let srgan = try SrganRunner()
        let inbox = srgan.path("in")
        try FileManager.default.createDirectory(atPath: srgan.path("models"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: srgan.model, toPath: srgan.path("models/own.safetensors"))
        try Data("[state]\ndirectory = 'state'\n[[inbox]]\npath = '\(inbox)'\noutbox = 'out'\nmodel = 'own'\n".utf8)
            .write(to: URL(fileURLWithPath: srgan.path("config.toml")))
        for command in ["--config config.toml", ""] {
            _ = try srgan.shell("$SRGAN model list --speed --json \(command) > list.json")
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(try srgan.bytes("list.json"))) as? [String: Any])
            let models = try #require(object["models"] as? [[String: Any]])
            let own = try #require(models.first { $0["name"] as? String == "own" })
            #expect(own["inboxes"] as? [String] == [inbox])
            #expect(own["megapixels_per_second"] as? Double ?? 0 > 0)
        }
        let missing = try srgan.shell("$SRGAN model list --config none.toml")
        #expect(missing.status == 78 && missing.errors.contains("none.toml"))
        try Data("[state]\n".utf8).write(to: URL(fileURLWithPath: srgan.path("config.toml")))
        let faulty = try srgan.shell("$SRGAN model list 2>&1 >/dev/null | cat >&2")
        #expect(faulty.errors.contains("The inboxes are not shown: "))
    }
}
