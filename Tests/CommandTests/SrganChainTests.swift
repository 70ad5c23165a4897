import Foundation
import Testing

/// `--model a,b`: one model runs on the result of the other.
@Suite("srgan with several models")
struct SrganChainTests {
    private func runner() throws -> SrganRunner {
        let srgan = try SrganRunner()
        for scale in [1, 2, 8] {
            try DaemonSamples.compactModel(scale: scale)
                .write(to: URL(fileURLWithPath: srgan.path("compact\(scale).safetensors")))
        }
        try SampleImages.write(srgan.path("in.png"), width: 64, height: 64)
        return srgan
    }

    @Test("commas and repeated options name the same chain; a name with a comma is one model")
    func spellings() throws {
        let srgan = try runner()
        let model = "SRGAN_MODELS=$PWD $SRGAN"
        for (options, output) in [
            ("--model compact1,compact2", "a.png"), ("--model ./compact1.safetensors -m compact2", "b.png"),
            ("--model compact2", "c.png"),
        ] {
            let result = try srgan.shell("\(model) upscale in.png \(output) \(options)")
            #expect(result.status == 0, "\(result.errors)")
        }
        #expect(try srgan.bytes("a.png") == srgan.bytes("b.png") && srgan.bytes("a.png") != srgan.bytes("c.png"))
        #expect(try SampleImages.inspect(srgan.path("a.png")).width == 128)
        try FileManager.default.copyItem(
            atPath: srgan.path("compact2.safetensors"), toPath: srgan.path("with,comma.safetensors"))
        for name in ["with,comma", "./with,comma.safetensors"] {
            #expect(try srgan.shell("\(model) upscale -f in.png d.png --model \(name)").status == 0)
            #expect(try srgan.bytes("d.png") == srgan.bytes("c.png"))
        }
    }

    @Test("info shows a chain, evaluate measures it")
    func infoAndEvaluate() throws {
        let srgan = try runner()
        let json = try srgan.run([
            "model", "info", "--json", "\(srgan.path("compact1.safetensors")),\(srgan.path("compact2.safetensors"))",
        ])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output)) as? [String: Any])
        #expect(object["scale"] as? Int == 2 && object["overlap"] as? Int == 32)
        #expect((object["chain"] as? [String])?.count == 2 && (object["sha256"] as? String)?.count == 64)
        let table = try srgan.shell("SRGAN_MODELS=$PWD $SRGAN model info compact1,compact2 >&2")
        #expect(table.errors.contains(/file +\S*compact1.safetensors\nfile +\S*compact2.safetensors\nscale +2\n/))

        let evaluated = try srgan.shell(
            "mkdir set && cp in.png set && $SRGAN evaluate --dataset set --json s.json "
                + "--model ./compact1.safetensors,./compact2.safetensors --model ./compact2.safetensors")
        #expect(evaluated.status == 0, "\(evaluated.errors)")
        let scores = try JSONSerialization.jsonObject(with: Data(try srgan.bytes("s.json"))) as? [String: Any]
        let means = (scores?["datasets"] as? [[String: Any]])?.first?["means"] as? [[String: Any]]
        #expect(means?.map { $0["method"] as? String } == ["bicubic", "compact1+compact2", "compact2"])
        #expect(means?[1]["psnr"] as? Double != means?[2]["psnr"] as? Double)
    }

    @Test("mistakes in a chain get a clear error")
    func mistakes() throws {
        let srgan = try runner()
        for (models, status, message) in [
            ("compact1,", 64, "\"compact1,\" has no model before or after a comma."),
            ("compact1,compact3", 78, "There is no model named \"compact3\". Did you mean \"compact1\"?"),
            ("compact8,compact8", 78, "The models of the chain (x8, x8) upscale 64 times together; the most is 16."),
        ] {
            let result = try srgan.shell("SRGAN_MODELS=$PWD $SRGAN upscale in.png out.png --model \(models)")
            #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
            #expect(!srgan.exists("out.png"))
        }
    }
}
