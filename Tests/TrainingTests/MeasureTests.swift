import Foundation
import NeuralNetwork
import Testing

@testable import Training

/// The measures of naturalness, sharpness, grid and colour compared with numpy, SciPy and PIL
/// (scripts/fixtures/make_measures.py).
struct MeasureTests {
    private let expected: [String: [Double]]

    init() throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/measures", withExtension: "json"))
        expected = try JSONDecoder().decode([String: [Double]].self, from: Data(contentsOf: url))
    }

    private func image(_ name: String) throws -> RGBImage {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/measures-\(name)", withExtension: "png"))
        return try RGBImage(contentsOf: .init(url.path))
    }

    private func lumas() throws -> [Plane] { try ["original", "result"].map { Plane.luma(of: try image($0)) } }

    @Test func niqeAgreesWithNumpy() throws {
        for (plane, expected) in zip(try lumas(), try #require(expected["niqe"])) {
            let score = try #require(NIQE.score(plane))
            #expect(abs(score - expected) < 1e-3, "\(score), expected \(expected)")
        }
    }

    @Test func gridAgreesWithNumpy() throws {
        for (plane, expected) in zip(try lumas(), try #require(expected["grid"])) {
            let grid = try #require(Grid.strength(plane))
            #expect(abs(grid / expected - 1) < 1e-5, "\(grid), expected \(expected)")
        }
    }

    @Test func gradientEnergyAgreesWithNumpy() throws {
        let (lumas, expected) = (try lumas(), try #require(expected["gradientEnergy"]))
        #expect(abs(try #require(GradientEnergy.ratio(lumas[1], to: lumas[0])) - expected[0]) < 1e-6)
        #expect(GradientEnergy.ratio(lumas[0], to: lumas[0]) == 1)
    }

    @Test func colourErrorAgreesWithNumpy() throws {
        let (result, input) = (try image("result"), try image("input"))
        let error = try #require(ColourError.mean(result, input: input))
        #expect(abs(error - (try #require(expected["colourError"]))[0]) < 1e-4)
    }

    /// PIL computes in whole numbers, so its reduction differs by up to 1 of 255 in a few pixels.
    @Test func consistencyAgreesWithPIL() throws {
        let decibels = Consistency.decibels(try image("result"), input: try image("input"))
        #expect(abs(decibels - (try #require(expected["consistency"]))[0]) < 0.1)
    }

    @Test func imagesWithoutAMeasureHaveNone() {
        func flat(_ width: Int, _ height: Int) -> Plane {
            Plane(width: width, height: height, values: [Double](repeating: 90, count: width * height))
        }
        // One block; two blocks without features.
        #expect(NIQE.score(flat(96, 191)) == nil && NIQE.score(flat(96, 192)) == nil)
        #expect(Grid.strength(flat(47, 100)) == nil && Grid.strength(flat(64, 64)) == nil)
        #expect(GradientEnergy.ratio(flat(9, 9), to: flat(9, 9)) == nil)
        let image = RGBImage(width: 12, height: 40, values: [Float](repeating: 1, count: 3 * 480))
        #expect(ColourError.mean(image, input: Resampler.downsample(image, by: 4)) == nil)
    }

    @Test func theDistanceOverLayersIsWeighted() {
        let zero = Tensor(shape: [2], repeating: 0)
        let other = [Tensor(shape: [2], values: [1, -3]), Tensor(shape: [2], values: [0, 1]), zero]
        // 0.3 * 2 + 0.3 * 0.5 + 0.4 * 0
        #expect(abs(FeatureDistance.overLayers([zero, zero, zero], other) - 0.75) < 1e-9)
        #expect(FeatureDistance.overLayers([zero, zero, other[1]], [zero, zero, zero]) == 0.2)
    }
}
