import NeuralNetwork

/// The discriminator of SRGAN: tells photographs from upscalings.
public final class DiscriminatorNetwork: Layer {
    /// What its last layers look at.
    public enum Kind: Sendable, Equatable {
        /// A score for each patch of 16 x 16 pixels, `[N, 1, H / 16, W / 16]` (the write-up).
        case patch
        /// One score for an image of this side, `[N, 1, 1, 1]`, through dense layers (the paper); a multiple of 16.
        case dense(side: Int)
    }

    /// What was built.
    public let kind: Kind
    /// Parameters, gradients and running statistics.
    public let store: ParameterStore

    private let context: ComputeContext
    private let builder: NetworkBuilder
    private let layers: Sequential
    /// What the activations multiply negative numbers by.
    private static let slope: Float = 0.2

    /// Builds the layers; the parameters are zero until `initialize` or `load`.
    ///
    /// - Parameter channels: Features of the first block; each of the next three doubles them.
    public init(_ kind: Kind, channels: Int = 64, context: ComputeContext) {
        var builder = NetworkBuilder(context: context)
        var layers: [any Layer] = []
        var inputs = 3
        // The place in the sequence, which PyTorch's names count; activations have places but no parameters.
        var place = 0
        for block in 0..<4 {
            let outputs = channels << block
            for stride in [1, 2] {
                let isFirst = place == 0
                layers.append(
                    builder.conv2d(
                        "model.\(place)", inputs: stride == 1 ? inputs : outputs, outputs: outputs, stride: stride,
                        slope: isFirst ? Self.slope : nil,
                        after: builder.convolutions.count == 1 ? builder.convolutions[0] : nil, isNormalized: !isFirst))
                place += 1
                if !isFirst {
                    layers.append(
                        builder.batchNorm2d(
                            "model.\(place)", channels: outputs, momentum: 0.1, slope: Self.slope))
                    place += 1
                }
                place += 1
            }
            inputs = outputs
        }
        switch kind {
        case .patch:
            layers.append(builder.conv2d("model.\(place)", inputs: inputs, outputs: 1))
        case .dense(let side):
            precondition(side > 0 && side % 16 == 0, "the side is a multiple of 16")
            let hidden = 16 * channels
            layers.append(FlattenLayer(context: context))
            layers.append(
                builder.linear("classifier.1", inputs: inputs * (side / 16) * (side / 16), outputs: hidden))
            layers.append(builder.leakyReLU(slope: Self.slope))
            layers.append(builder.linear("classifier.3", inputs: hidden, outputs: 1))
        }
        self.kind = kind
        self.context = context
        self.builder = builder
        self.layers = Sequential(layers)
        store = builder.store
    }

    /// Draws the parameters as PyTorch does by default.
    public func initialize(random: inout SeededGenerator) {
        builder.initialize(random: &random)
    }

    /// Takes all parameters from a state dict.
    public func load(_ tensors: [String: Tensor]) throws(NeuralNetworkError) {
        var state = StateDict(tensors)
        try store.load(&state)
        try state.finish()
    }

    /// Scores images; no sigmoid follows, the loss takes logits.
    ///
    /// - Parameter input: `[N, 3, H, W]`, values in [-1, 1].
    public func forward(_ input: Batch) -> Batch {
        Conv2dLayer.pack(builder.convolutions, context: context)
        return layers.forward(input)
    }

    /// Computes the gradient by the images and adds up those of the parameters.
    public func backward(_ gradient: Batch) -> Batch {
        layers.backward(gradient)
    }

    /// Adds up the gradients of the parameters, without that by the images.
    public func learn(from gradient: Batch) {
        builder.convolutions[0].omitsInputGradient = true
        defer { builder.convolutions[0].omitsInputGradient = false }
        _ = layers.backward(gradient)
    }
}
