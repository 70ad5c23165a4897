import NeuralNetwork

/// The first layers of VGG-19 with frozen weights, for the perceptual loss. The backward pass computes the gradient
/// with respect to the image.
public final class PerceptualNetwork {
    /// A layer whose activations are features. The raw value is the number of layers taken from torchvision's
    /// `vgg19.features`.
    public enum Depth: Int, Sendable, CaseIterable {
        /// The activation after conv1_2, the last convolution before the first pooling: `features[:4]`.
        case conv12 = 4
        /// The activation after conv2_2, the last convolution before the second pooling: `features[:9]` (VGG22 in the
        /// SRGAN paper).
        case conv22 = 9
        /// The activation after conv3_4: `features[:18]` (the PyTorch reference implementation).
        case conv34 = 18
        /// The activation after conv4_4: `features[:27]`.
        case conv44 = 27
        /// The activation after conv5_4, the last convolution before the fifth pooling: `features[:36]` (VGG54 in the
        /// SRGAN paper).
        case conv54 = 36
    }

    /// How an image with values in [-1, 1] is normalised before the first layer.
    public enum Normalization: Sendable {
        /// No normalisation (the PyTorch reference implementation).
        case none
        /// Conversion to [0, 1], then normalisation with ImageNet's mean and standard deviation, as when VGG-19 was
        /// trained.
        case imageNet
    }

    /// The layers whose activations are the features, from the first to the last.
    public let depths: [Depth]

    private let context: ComputeContext
    private let builder: NetworkBuilder
    /// The layers up to and including each depth, from the previous depth on.
    private let segments: [Sequential]

    /// Builds the layers and loads their weights, `features.N.weight` and `features.N.bias`. Other entries are
    /// ignored, because VGG-19 files usually hold the whole network.
    ///
    /// - Parameters:
    ///   - depths: The layers whose activations are the features; at least one.
    ///   - channels: The number of channels in the first layers; 64 in VGG-19.
    /// - Throws: `missingKey` or `wrongShape`.
    public init(
        _ depths: Set<Depth>, normalization: Normalization, channels: Int = 64, tensors: [String: Tensor],
        context: ComputeContext
    ) throws(NeuralNetworkError) {
        precondition(!depths.isEmpty, "there are no features without a layer")
        let depths = depths.sorted { $0.rawValue < $1.rawValue }
        var builder = NetworkBuilder(context: context)
        var segments: [Sequential] = []
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
        var previous: Conv2dLayer?
        for (group, convolutions) in [2, 2, 4, 4, 4].enumerated() where place < depths.last!.rawValue {
            if group > 0 {
                layers.append(MaxPool2dLayer(kernel: 2, stride: 2, context: context))
                place += 1
            }
            let outputs = channels << min(group, 3)
            for _ in 0..<convolutions where place < depths.last!.rawValue {
                let convolution = builder.conv2d(
                    "features.\(place)", inputs: inputs, outputs: outputs, slope: 0, after: previous)
                layers.append(convolution)
                place += 2
                inputs = outputs
                previous = convolution
                guard depths[segments.count].rawValue == place else { continue }
                segments.append(Sequential(layers))
                layers = []
                // The features have a gradient of their own, so the next convolution must not apply this activation's.
                previous = nil
            }
        }
        self.depths = depths
        self.context = context
        self.builder = builder
        self.segments = segments
        var state = StateDict(tensors)
        try builder.store.load(&state)
        builder.store.isFrozen = true
    }

    /// Computes the features, one batch for each of `depths`.
    ///
    /// - Parameter input: `[N, 3, H, W]`, values in [-1, 1].
    public func forward(_ input: Batch) -> [Batch] {
        Conv2dLayer.pack(builder.convolutions, context: context)
        var features: [Batch] = []
        for segment in segments { features.append(segment.forward(features.last ?? input)) }
        return features
    }

    /// Computes the gradient with respect to the images from those with respect to the features of each depth.
    public func backward(_ gradients: [Batch]) -> Batch {
        precondition(gradients.count == segments.count, "each depth needs a gradient")
        var gradient = segments.last!.backward(gradients.last!)
        for (segment, own) in zip(segments, gradients).dropLast().reversed() {
            gradient = segment.backward(gradient.adding(own, context))
        }
        return gradient
    }
}
