import NeuralNetwork
import SRGAN

extension VGG19FeatureExtractor {
    /// The features of a picture.
    func features(of picture: RGBPicture) -> Tensor {
        self(Tensor(shape: [3, picture.height, picture.width], values: picture.values))
    }
}

extension Tensor {
    /// The mean of the squared differences to a tensor of the same shape.
    func meanSquaredDifference(to other: Tensor) -> Double {
        precondition(shape == other.shape, "the shapes differ")
        var sum = 0.0
        for (a, b) in zip(values, other.values) { sum += Double(a - b) * Double(a - b) }
        return sum / Double(count)
    }
}
