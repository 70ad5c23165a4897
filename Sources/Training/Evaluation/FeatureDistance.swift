import NeuralNetwork
import SRGAN

extension VGG19FeatureExtractor {
    /// Extracts the features of an image.
    func features(of image: RGBImage) -> Tensor {
        self(Tensor(shape: [3, image.height, image.width], values: image.values))
    }
}

extension Tensor {
    /// The mean squared difference from a tensor of the same shape.
    func meanSquaredDifference(to other: Tensor) -> Double {
        precondition(shape == other.shape, "the shapes differ")
        var sum = 0.0
        for (a, b) in zip(values, other.values) { sum += Double(a - b) * Double(a - b) }
        return sum / Double(count)
    }
}
