import Foundation
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

    @Test("models are found by name in $SRGAN_MODELS")
    func byName() throws {
        let srgan = try SrganRunner()
        #expect(try srgan.shell("SRGAN_MODELS=$PWD $SRGAN model info tiny").status == 0)
        let missing = try srgan.run(["model", "info", "no-such-model"])
        #expect(missing.status == 78 && missing.errors.contains("no-such-model"))
    }
}
