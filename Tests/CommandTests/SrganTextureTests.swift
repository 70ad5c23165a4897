import Foundation
import LinuxSupport
import Testing

/// `--texture`: mixtures of a perceptual model with its fidelity model.
@Suite("srgan with a texture")
struct SrganTextureTests {
    private func runner() throws -> SrganRunner {
        let srgan = try SrganRunner()
        try SampleImages.write(srgan.path("in.png"), width: 40, height: 32)
        return srgan
    }

    @Test("0 is the fidelity model, 1 the model itself, and 0.5 lies between them")
    func theWholeRange() throws {
        let srgan = try runner()
        func upscale(_ options: String) throws -> [UInt8] {
            let result = try srgan.shell("$SRGAN upscale --force in.png out.png \(options)")
            #expect(result.status == 0, "\(result.errors)")
            return Array(try srgan.bytes("out.png"))
        }
        let (fidelity, perceptual) = (try upscale("-m srresnet-x4"), try upscale("-m srgan-x4"))
        #expect(try upscale("-m srgan-x4 --texture 0") == fidelity)
        #expect(try upscale("-m srgan-x4 --texture 1") == perceptual)
        let half = try upscale("-m srgan-x4 --texture 0.5")
        #expect(half != fidelity && half != perceptual)
        #expect(try upscale("-m srgan-x4 --texture 0.5 --fidelity-model srresnet-x4") == half)
        func hash(_ options: String...) throws -> String {
            let info = try srgan.run(["model", "info", "--json", "srgan-x4"] + options)
            let object = try JSONSerialization.jsonObject(with: Data(info.output)) as? [String: Any]
            return try #require(object?["sha256"] as? String)
        }
        let hashes = try [hash(), hash("--texture", "0"), hash("--texture", "0.5"), hash("--texture", "0.6")]
        #expect(Set(hashes).count == 4 && hashes[2].count == 64)
        #expect(try hash("--texture", "1") == hashes[0])
    }

    @Test("evaluate measures several textures")
    func evaluate() throws {
        let srgan = try runner()
        let evaluated = try srgan.shell(
            "mkdir set && cp in.png set && $SRGAN evaluate --dataset set --json s.json "
                + "--model srgan-x4 --model srresnet-x4 --texture 0 0.5")
        #expect(evaluated.status == 0, "\(evaluated.errors)")
        let scores = try JSONSerialization.jsonObject(with: Data(try srgan.bytes("s.json"))) as? [String: Any]
        let means = try #require((scores?["datasets"] as? [[String: Any]])?.first?["means"] as? [[String: Any]])
        #expect(
            means.map { $0["method"] as? String } == ["bicubic", "srgan-x4@0.0", "srgan-x4@0.5", "srresnet-x4"])
        #expect(means[1]["psnr"] as? Double == means[3]["psnr"] as? Double)
        #expect(means[1]["psnr"] as? Double != means[2]["psnr"] as? Double)
    }

    @Test(
        "mistakes get a clear error",
        arguments: [
            ("-m srgan-x4 --texture 1.5", 64, "--texture must be 0 to 1"),
            ("-m srgan-x4 --fidelity-model srresnet-x4", 64, "has no effect without --texture"),
            ("-m srresnet-x4 --texture 0.5", 64, "needs the fidelity model of srresnet-x4"),
            ("-m srgan-x4 -m srresnet-x4 --texture 0.5", 64, "works with one model, but there are 2"),
            ("-m srgan-x4 --texture 0.5 --fidelity-model srresnet-x4-small", 78, "cannot be mixed with"),
        ])
    func mistakes(_ options: String, _ status: Int32, _ message: String) throws {
        let srgan = try runner()
        let result = try srgan.shell("$SRGAN upscale in.png out.png \(options)")
        #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
        #expect(!srgan.exists("out.png"))
    }
}
