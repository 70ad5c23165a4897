import NeuralNetwork
import SRGAN

/// Distances between VGG-19's features of two images.
enum FeatureDistance {
    /// The weights of the distances after relu1_2, relu2_2 and relu3_4.
    static let weights = [0.3, 0.3, 0.4]

    /// The distance over three layers: the weighted sum of the mean absolute differences.
    ///
    /// Johnson et al. 2016 compare several layers of VGG in this way. The weights are those of the perceptual loss in
    /// scripts/training/train_perceptual.py.
    ///
    /// - Parameters: The features of two images as `VGG19FeatureExtractor.layers(of:)` returns them.
    static func overLayers(_ a: [Tensor], _ b: [Tensor]) -> Double {
        precondition(a.count == weights.count && b.count == weights.count, "three layers are compared")
        var sum = 0.0
        for (index, weight) in weights.enumerated() { sum += weight * a[index].meanAbsoluteDifference(to: b[index]) }
        return sum
    }
}

extension VGG19FeatureExtractor {
    /// Extracts the features of an image after relu1_2, relu2_2 and relu3_4.
    func layers(of image: RGBImage) -> [Tensor] {
        layers(Tensor(shape: [3, image.height, image.width], values: image.values))
    }
}

extension Tensor {
    /// The mean squared difference from a tensor of the same shape.
    func meanSquaredDifference(to other: Tensor) -> Double {
        mean(with: other) { Double($0 - $1) * Double($0 - $1) }
    }

    /// The mean absolute difference from a tensor of the same shape.
    func meanAbsoluteDifference(to other: Tensor) -> Double {
        mean(with: other) { Double(abs($0 - $1)) }
    }

    private func mean(with other: Tensor, of term: (Float, Float) -> Double) -> Double {
        precondition(shape == other.shape, "the shapes differ")
        var sum = 0.0
        for (a, b) in zip(values, other.values) { sum += term(a, b) }
        return sum / Double(count)
    }
}
