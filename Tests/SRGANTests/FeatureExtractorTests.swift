import NeuralNetwork
import Testing

@testable import SRGAN

/// The first layers of VGG-19 with hashed weights, compared with PyTorch (scripts/fixtures/make_features.py).
struct FeatureExtractorTests {
    private static var tensors: [String: Tensor] {
        let layers = [
            (0, 3, 64), (2, 64, 64), (5, 64, 128), (7, 128, 128), (10, 128, 256), (12, 256, 256), (14, 256, 256),
            (16, 256, 256),
        ]
        var tensors: [String: Tensor] = [:]
        for (ordinal, (index, inputs, outputs)) in layers.enumerated() {
            let bound = (6.0 / Double(inputs * 9)).squareRoot()
            tensors["features.\(index).weight"] = HashedModel.hashed(
                ordinal: ordinal, shape: [outputs, inputs, 3, 3], factor: 2 * bound, offset: -bound)
            tensors["features.\(index).bias"] = HashedModel.hashed(
                ordinal: 100 + ordinal, shape: [outputs], factor: 0.2, offset: -0.1)
        }
        return tensors
    }

    @Test func matchesPyTorch() throws {
        let (input, expected) = try loadFixture("features")
        let output = try VGG19FeatureExtractor(tensors: Self.tensors)(input)
        #expect(output.shape == [256, 2, 3])
        #expect(output.largestDifference(to: expected) < 2e-5 * (expected.values.max() ?? 0))
        let layers = try VGG19FeatureExtractor(tensors: Self.tensors).layers(input)
        #expect(layers.map(\.shape) == [[64, 10, 13], [128, 5, 6], [256, 2, 3]])
        #expect(layers[2] == output)
    }

    @Test func onlyTheUsedLayersAreRequired() throws {
        var tensors = Self.tensors
        tensors["features.34.weight"] = Tensor(shape: [1])
        _ = try VGG19FeatureExtractor(tensors: tensors)
        tensors["features.7.bias"] = nil
        #expect(throws: NeuralNetworkError.self) { try VGG19FeatureExtractor(tensors: tensors) }
    }
}
