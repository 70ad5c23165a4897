import Foundation
import Testing

@Suite("srgan model info")
struct SrganModelTests {
    @Test("a table for people, an object for scripts")
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

    @Test("models are found by name in $SRGAN_MODELS")
    func byName() throws {
        let srgan = try SrganRunner()
        #expect(try srgan.shell("SRGAN_MODELS=$PWD $SRGAN model info tiny").status == 0)
        let missing = try srgan.run(["model", "info", "no-such-model"])
        #expect(missing.status == 78 && missing.errors.contains("no-such-model"))
    }
}
