import Foundation
import Testing

@Suite("srgan evaluate")
struct SrganEvaluateTests {
    @Test("measures degraded images and draws a sheet of crops")
    func degradedAndBeside() throws {
        let srgan = try SrganRunner()
        try FileManager.default.createDirectory(atPath: srgan.path("Set5"), withIntermediateDirectories: true)
        for name in ["a", "b"] { try SampleImages.write(srgan.path("Set5/\(name).png"), width: 96, height: 64) }
        func evaluate(_ arguments: String) throws -> [String: Any] {
            let result = try srgan.shell("$SRGAN evaluate --dataset Set5 --json scores.json \(arguments) > table")
            #expect(result.status == 0, "\(result.errors)")
            return try #require(
                try JSONSerialization.jsonObject(with: Data(try srgan.bytes("scores.json"))) as? [String: Any])
        }
        let scores = try evaluate("--degrade web --seed 7 --beside $MODEL --sheet-crops 2")
        #expect(scores["degradation"] as? String == "web" && scores["seed"] as? Int == 7)
        let dataset = try #require((scores["datasets"] as? [[String: Any]])?.first)
        let means = try #require(dataset["means"] as? [[String: Any]])
        #expect(means.map { $0["method"] as? String } == ["bicubic", "tiny"])
        #expect(means.allSatisfy { $0["colourError"] is Double && $0["consistency"] is Double })
        // The paper's figures are for clean images.
        #expect(!String(decoding: try srgan.bytes("table"), as: UTF8.self).contains("paper"))
        _ = try evaluate("--model $MODEL")
        #expect(String(decoding: try srgan.bytes("table"), as: UTF8.self).contains("paper: SRGAN"))
        // Two crops of 96 x 64 pixels; original, bicubic and the model.
        let sheet = try SampleImages.inspect(srgan.path("beside.png"))
        #expect(sheet.width == 912)
        #expect(try srgan.run(["evaluate", "--dataset", ".", "--degrade", "fax"]).status == 64)
        #expect(try srgan.run(["evaluate", "--dataset", ".", "--sheet", "a.jpg"]).status == 64)
    }
}
