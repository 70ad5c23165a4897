import Foundation
import Imaging
import NeuralNetwork
import SRGAN
import SystemPackage
import Testing

@testable import Training

/// The shipped models draw no grid of 4 pixels, on clean and on degraded images.
///
/// The grid of one small crop varies much, so means are tested. A model with a visible grid has 10 to 50.
struct ShippedModelTests {
    private static let repository = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()
    private static let models = ["srgan-photo-x4", "srgan-x4", "srresnet-x4", "srresnet-x4-small"]

    /// The originals of the cat, the cup and the portrait in docs/models.jpg.
    private static func photographs() throws -> [RGBImage] {
        let sheet = try RGBImage(contentsOf: repository.appending("docs/models.jpg"))
        return [22, 430, 634].map { sheet.cropped(to: PixelRegion(x: 816, y: $0, width: 200, height: 200)) }
    }

    /// Noise whose amplitude falls with the frequency, as in photographs, with discs of other colours.
    private static func generated(seed: UInt64) -> RGBImage {
        let side = 256
        var random = SeededGenerator(seed: seed)
        var values = [Float](repeating: 0.5, count: 3 * side * side)
        var cells = 3.0
        while cells < Double(side) {
            let count = Int(cells)
            let grey = (0..<count * count).map { _ in random.normal() }
            let noise = RGBImage(
                width: count, height: count,
                values: (0..<3 * count * count).map {
                    0.5 + 0.1 * (grey[$0 % (count * count)] + 0.3 * random.normal())
                })
            let smooth = Resampler.resize(noise, width: side, height: side)
            for index in values.indices { values[index] += 5 / Float(cells) * (smooth.values[index] - 0.5) }
            cells *= 1.83
        }
        for _ in 0..<6 {
            let (x, y, radius) = (256 * random.uniform(), 256 * random.uniform(), 20 + 40 * random.uniform())
            let colour = (0..<3).map { _ in 0.7 * random.uniform() - 0.35 }
            for index in 0..<3 * side * side {
                let (column, row) = (Float(index % side) - x, Float(index / side % side) - y)
                let distance = (column * column + row * row).squareRoot()
                values[index] += colour[index / (side * side)] * max(0, min(1, radius - distance + 0.5))
            }
        }
        return RGBImage(width: side, height: side, values: values).roundedTo8Bits()
    }

    private static func grid(_ model: String, _ images: [RGBImage], _ degradation: InputDegradation?) throws -> Double {
        let path = repository.appending("models/\(model).safetensors")
        let generator = try LoadedGenerator(model: ModelFile(contentsOf: path))
        let grids = try images.enumerated().map { index, image in
            var small = Resampler.downsample(image, by: 4).roundedTo8Bits()
            if let degradation { small = try degradation.apply(to: small, seed: 1, name: "\(index)") }
            let result = try Evaluator.upscale(small, with: generator).roundedTo8Bits()
            return try #require(Grid.strength(Plane.luma(of: result)))
        }
        return grids.reduce(0, +) / Double(grids.count)
    }

    @Test func noModelIsForgotten() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.repository.appending("models").string)
        #expect(Set(files.filter { $0.hasSuffix(".safetensors") }) == Set(Self.models.map { "\($0).safetensors" }))
    }

    @Test(arguments: Self.models, [nil, InputDegradation.web])
    func photographsHaveNoGrid(model: String, degradation: InputDegradation?) throws {
        #expect(try Self.grid(model, Self.photographs(), degradation) < 1.5)
    }

    /// The generated images are smooth where models may invent texture, so they show a grid sooner than photographs do:
    /// only `srresnet-x4` stays below 1.5, and the others have up to 2.75 (`srgan-x4`, degraded). The limit of 5 keeps a
    /// visible grid from coming back.
    @Test(arguments: Self.models, [nil, InputDegradation.web])
    func generatedImagesHaveNoVisibleGrid(model: String, degradation: InputDegradation?) throws {
        let images = (1...6).map { Self.generated(seed: UInt64($0)) }
        #expect(try Self.grid(model, images, degradation) < 5)
    }
}
