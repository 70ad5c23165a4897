import NeuralNetwork

/// The discriminator of SRGAN, which distinguishes photographs from upscaled images.
public final class DiscriminatorNetwork: Layer {
    /// The form of the last layers.
    public enum Kind: Sendable, Equatable {
        /// One score per patch of 16 x 16 pixels, `[N, 1, H / 16, W / 16]` (the PyTorch reference implementation).
        case patch
        /// One score per image, `[N, 1, 1, 1]`, through dense layers (the SRGAN paper); `side` is the image's width and
        /// height, a multiple of 16.
        case dense(side: Int)
        /// One score per pixel, `[N, 1, H, W]`, by a U-Net with spectral normalisation (Real-ESRGAN); width and height
        /// are multiples of 8.
        case unet
    }

    /// The form of the last layers.
    public let kind: Kind
    /// The parameters, gradients and running statistics.
    public let store: ParameterStore

    private let context: ComputeContext
    private let builder: NetworkBuilder
    private let layers: any Layer
    /// The slope of the leaky ReLUs.
    private static let slope: Float = 0.2

    /// Builds the layers. The parameters are zero until `initialize` or `load` sets them.
    ///
    /// - Parameter channels: The number of channels in the first block; each of the next three blocks doubles it.
    public init(_ kind: Kind, channels: Int = 64, context: ComputeContext) {
        var builder = NetworkBuilder(context: context)
        layers =
            switch kind {
            case .patch: Self.layers(denseSide: nil, channels: channels, builder: &builder)
            case .dense(let side): Self.layers(denseSide: side, channels: channels, builder: &builder)
            case .unet: UNet(channels: channels, slope: Self.slope, builder: &builder)
            }
        self.kind = kind
        self.context = context
        self.builder = builder
        store = builder.store
    }

    /// The layers of a patch discriminator or, with `denseSide`, of a dense one for images of this side.
    private static func layers(denseSide: Int?, channels: Int, builder: inout NetworkBuilder) -> Sequential {
        var layers: [any Layer] = []
        var inputs = 3
        // The layer's index in PyTorch's sequence; the names of its parameters contain this index. Activations have an
        // index too, but no parameters.
        var place = 0
        for block in 0..<4 {
            let outputs = channels << block
            for stride in [1, 2] {
                let isFirst = place == 0
                layers.append(
                    builder.conv2d(
                        "model.\(place)", inputs: stride == 1 ? inputs : outputs, outputs: outputs, stride: stride,
                        slope: isFirst ? slope : nil,
                        after: builder.convolutions.count == 1 ? builder.convolutions[0] : nil, isNormalized: !isFirst))
                place += 1
                if !isFirst {
                    layers.append(
                        builder.batchNorm2d(
                            "model.\(place)", channels: outputs, momentum: 0.1, slope: slope))
                    place += 1
                }
                place += 1
            }
            inputs = outputs
        }
        if let side = denseSide {
            precondition(side > 0 && side % 16 == 0, "the side must be a positive multiple of 16")
            let hidden = 16 * channels
            layers.append(FlattenLayer(context: builder.context))
            layers.append(
                builder.linear("classifier.1", inputs: inputs * (side / 16) * (side / 16), outputs: hidden))
            layers.append(builder.leakyReLU(slope: slope))
            layers.append(builder.linear("classifier.3", inputs: hidden, outputs: 1))
        } else {
            layers.append(builder.conv2d("model.\(place)", inputs: inputs, outputs: 1))
        }
        return Sequential(layers)
    }

    /// Initialises the parameters as PyTorch does by default.
    public func initialize(random: inout SeededGenerator) {
        builder.initialize(random: &random)
    }

    /// Loads all parameters from a state dict.
    public func load(_ tensors: [String: Tensor]) throws(NeuralNetworkError) {
        var state = StateDict(tensors)
        try store.load(&state)
        try state.finish()
    }

    /// Scores images. There is no final sigmoid: the loss takes logits.
    ///
    /// - Parameter input: `[N, 3, H, W]`, values in [-1, 1].
    public func forward(_ input: Batch) -> Batch {
        Conv2dLayer.pack(builder.convolutions, context: context)
        return layers.forward(input)
    }

    /// Computes the gradient with respect to the images and accumulates the gradients of the parameters.
    public func backward(_ gradient: Batch) -> Batch {
        layers.backward(gradient)
    }

    /// Accumulates the gradients of the parameters, without computing the gradient with respect to the images.
    public func learn(from gradient: Batch) {
        builder.convolutions[0].omitsInputGradient = true
        defer { builder.convolutions[0].omitsInputGradient = false }
        _ = layers.backward(gradient)
    }
}
