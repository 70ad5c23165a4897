import NeuralNetwork
import SRGAN

/// The perceptual loss: the distance between VGG-19's features of the generator's output and of the target.
///
/// Not Sendable: use it on one thread.
final class PerceptualLoss {
    private let network: PerceptualNetwork
    /// The weight of each of the network's depths.
    private let weights: [Double]
    private let distance: RunConfiguration.PerceptualSection.Distance
    private let context: ComputeContext

    /// The factor by which VGG54's features are scaled (section 3.2 of the SRGAN paper).
    private static let deepFeatureScale = 1 / 12.75

    /// Loads VGG-19.
    ///
    /// - Parameter tensors: The weights of VGG-19; if nil, they are read from the file in the configuration.
    /// - Throws: `configuration`, naming the file.
    init(
        _ section: RunConfiguration.PerceptualSection, tensors: [String: Tensor]?, context: ComputeContext
    ) throws(TrainingError) {
        var layers = section.layers
        if layers.isEmpty {
            switch section.depth {
            case .vgg22: layers = [.conv22: 1]
            case .conv34: layers = [.conv34: 1]
            case .vgg54:
                let scale = Self.deepFeatureScale
                layers = [.conv54: section.distance == .mse ? scale * scale : scale]
            }
        }
        do {
            let loaded = try tensors ?? TensorFile.tensors(contentsOf: section.weights ?? "")
            // The number of channels is read from the first layer, because tests use a network with fewer channels.
            let channels = loaded["features.0.weight"]?.shape.first ?? 64
            network = try PerceptualNetwork(
                Set(layers.keys), normalization: section.imageNet ? .imageNet : .none, channels: channels,
                tensors: loaded, context: context)
        } catch {
            throw TrainingError(
                .configuration, "\(section.weights?.string ?? "perceptual.weights") is not VGG-19: \(error)",
                cause: error)
        }
        weights = network.depths.map { layers[$0]! }
        distance = section.distance
        self.context = context
    }

    /// Computes the loss, and its gradient with respect to `output`, which alone is multiplied by `weight`.
    func callAsFunction(_ output: Batch, _ target: Batch, weight: Double) -> (loss: Double, gradient: Batch) {
        let wanted = network.forward(target)
        var loss = 0.0
        var gradients: [Batch] = []
        for ((features, wanted), share) in zip(zip(network.forward(output), wanted), weights) {
            let term =
                switch distance {
                case .mse: Loss.meanSquaredError(features, wanted, weight: Float(weight * share), context: context)
                case .l1: Loss.meanAbsoluteError(features, wanted, weight: Float(weight * share), context: context)
                }
            loss += share * term.loss
            gradients.append(term.gradient)
        }
        return (loss, network.backward(gradients))
    }
}
