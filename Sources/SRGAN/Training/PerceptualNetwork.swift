import NeuralNetwork

/// The first layers of VGG-19 with frozen weights, for the perceptual loss. The backward pass computes the gradient
/// with respect to the image.
public final class PerceptualNetwork: Layer {
    /// The last layer of the network. The raw value is the number of layers taken from torchvision's `vgg19.features`.
    public enum Depth: Int, Sendable, CaseIterable {
        /// The activation after conv2_2, the last convolution before the second pooling: `features[:9]` (VGG22 in the
        /// SRGAN paper).
        case vgg22 = 9
        /// The activation after conv3_4: `features[:18]` (the PyTorch reference implementation).
        case conv34 = 18
        /// The activation after conv5_4, the last convolution before the fifth pooling: `features[:36]` (VGG54 in the
        /// SRGAN paper).
        case vgg54 = 36
    }

    /// How an image with values in [-1, 1] is normalised before the first layer.
    public enum Normalization: Sendable {
        /// No normalisation (the PyTorch reference implementation).
        case none
        /// Conversion to [0, 1], then normalisation with ImageNet's mean and standard deviation, as when VGG-19 was
        /// trained.
        case imageNet
    }

    /// The last layer.
    public let depth: Depth

    private let context: ComputeContext
    private let builder: NetworkBuilder
    private let layers: Sequential

    /// Builds the layers and loads their weights, `features.N.weight` and `features.N.bias`. Other entries are
    /// ignored, because VGG-19 files usually hold the whole network.
    ///
    /// - Parameter channels: The number of channels in the first layers; 64 in VGG-19.
    /// - Throws: `missingKey` or `wrongShape`.
    public init(
        _ depth: Depth, normalization: Normalization, channels: Int = 64, tensors: [String: Tensor],
        context: ComputeContext
    ) throws(NeuralNetworkError) {
        var builder = NetworkBuilder(context: context)
        var layers: [any Layer] = []
        if case .imageNet = normalization {
            let mean: [Float] = [0.485, 0.456, 0.406]
            let deviation: [Float] = [0.229, 0.224, 0.225]
            layers.append(
                ChannelAffineLayer(
                    scale: deviation.map { 0.5 / $0 }, shift: zip(mean, deviation).map { (0.5 - $0) / $1 },
                    context: context))
        }
        var place = 0
        var inputs = 3
        for (group, convolutions) in [2, 2, 4, 4, 4].enumerated() where place < depth.rawValue {
            if group > 0 {
                layers.append(MaxPool2dLayer(kernel: 2, stride: 2, context: context))
                place += 1
            }
            let outputs = channels << min(group, 3)
            for _ in 0..<convolutions where place < depth.rawValue {
                layers.append(
                    builder.conv2d(
                        "features.\(place)", inputs: inputs, outputs: outputs, slope: 0,
                        after: builder.convolutions.last))
                place += 2
                inputs = outputs
            }
        }
        precondition(place == depth.rawValue, "the depth must end after an activation")
        self.depth = depth
        self.context = context
        self.builder = builder
        self.layers = Sequential(layers)
        var state = StateDict(tensors)
        try builder.store.load(&state)
        builder.store.isFrozen = true
    }

    /// Computes the features.
    ///
    /// - Parameter input: `[N, 3, H, W]`, values in [-1, 1].
    public func forward(_ input: Batch) -> Batch {
        Conv2dLayer.pack(builder.convolutions, context: context)
        return layers.forward(input)
    }

    /// Computes the gradient with respect to the images.
    public func backward(_ gradient: Batch) -> Batch {
        layers.backward(gradient)
    }
}
