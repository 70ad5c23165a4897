import NeuralNetwork

/// The generator of SRGAN for training, with forward and backward passes over batches.
///
/// Names, shapes and order of the parameters are those of the PyTorch reference implementation, so the state dict of
/// this network can be saved as a model file directly.
public final class TrainableGenerator: Layer {
    /// The structure of a generator.
    public struct Shape: Sendable, Equatable {
        /// The number of residual blocks.
        public var blocks: Int
        /// The number of channels.
        public var channels: Int
        /// True if the residual blocks and the convolution after them have batch normalisation.
        public var normalizesTrunk: Bool
        /// True if the upsampling blocks have batch normalisation, as in the PyTorch reference implementation but not
        /// in the SRGAN paper.
        public var normalizesUpsampling: Bool

        /// Makes a structure; the default values are those of the PyTorch reference implementation.
        public init(
            blocks: Int = 16, channels: Int = 64, normalizesTrunk: Bool = true, normalizesUpsampling: Bool = true
        ) {
            self.blocks = blocks
            self.channels = channels
            self.normalizesTrunk = normalizesTrunk
            self.normalizesUpsampling = normalizesUpsampling
        }
    }

    /// The generator's structure.
    public let shape: Shape
    /// The parameters, gradients and running statistics.
    public let store: ParameterStore
    /// All batch normalisations; their statistics are recomputed before a model is saved.
    public let norms: [BatchNorm2dLayer]

    private let context: ComputeContext
    let builder: NetworkBuilder
    private let head: Sequential
    private let trunk: Sequential
    private let tail: Sequential

    /// The momentum of the normalisations in the residual blocks, as in the PyTorch reference implementation. The other
    /// normalisations use PyTorch's default.
    private static let trunkMomentum = 0.8

    /// Builds the layers. The parameters are zero until `initialize` or `load` sets them.
    public init(_ shape: Shape, context: ComputeContext) {
        precondition(shape.blocks > 0 && shape.channels > 0, "a generator needs at least one block and one channel")
        let channels = shape.channels
        var builder = NetworkBuilder(context: context)
        head = Sequential([
            builder.conv2d("conv1.0", inputs: 3, outputs: channels, kernel: 9, isFirst: true),
            builder.prelu("conv1.1"),
        ])
        var blocks: [any Layer] = []
        for block in 0..<shape.blocks {
            let name = "res_block.\(block).res_block"
            // Without normalisation, the indices of the normalisation layers stay unused, as with torch.nn.Identity.
            var layers: [any Layer] = [
                builder.conv2d(
                    "\(name).0", inputs: channels, outputs: channels, isNormalized: shape.normalizesTrunk)
            ]
            layers.append(
                shape.normalizesTrunk
                    ? builder.batchNorm2d(
                        "\(name).1", channels: channels, momentum: Self.trunkMomentum, prelu: "\(name).2")
                    : builder.prelu("\(name).2"))
            layers.append(
                builder.conv2d(
                    "\(name).3", inputs: channels, outputs: channels, isNormalized: shape.normalizesTrunk))
            if shape.normalizesTrunk {
                layers.append(
                    builder.batchNorm2d("\(name).4", channels: channels, momentum: Self.trunkMomentum))
            }
            blocks.append(Residual(Sequential(layers), context: context))
        }
        blocks.append(
            builder.conv2d("conv2.0", inputs: channels, outputs: channels, isNormalized: shape.normalizesTrunk))
        if shape.normalizesTrunk {
            blocks.append(builder.batchNorm2d("conv2.1", channels: channels, momentum: 0.1))
        }
        trunk = Sequential(blocks)
        var layers: [any Layer] = []
        // An upsampling block has four indices (convolution, normalisation, shuffle, PReLU), or three without
        // normalisation, as in the SRGAN paper.
        let step = shape.normalizesUpsampling ? 4 : 3
        for first in [0, step] {
            layers.append(
                builder.conv2d(
                    "upsampling.\(first)", inputs: channels, outputs: 4 * channels,
                    isNormalized: shape.normalizesUpsampling))
            // All channels share one PReLU slope, so the order of shuffle and PReLU does not matter.
            let prelu = "upsampling.\(first + step - 1)"
            layers.append(
                shape.normalizesUpsampling
                    ? builder.batchNorm2d(
                        "upsampling.\(first + 1)", channels: 4 * channels, momentum: 0.1, prelu: prelu)
                    : builder.prelu(prelu))
            // The second shuffle is part of `conv3`.
            if first == 0 { layers.append(PixelShuffleLayer(factor: 2, context: context)) }
        }
        layers.append(builder.shuffledConv2d("conv3", inputs: channels, outputs: 3, kernel: 9))
        tail = Sequential(layers)
        self.shape = shape
        self.context = context
        self.builder = builder
        store = builder.store
        norms = builder.norms
    }

    /// Initialises the parameters as PyTorch does by default.
    public func initialize(random: inout SeededGenerator) {
        builder.initialize(random: &random)
    }

    /// Loads all parameters from a state dict.
    ///
    /// - Throws: `missingKey`, `wrongShape` or `extraKey`; the network is then unchanged.
    public func load(_ tensors: [String: Tensor]) throws(NeuralNetworkError) {
        var probe = StateDict(tensors)
        for entry in store.parameters + store.statistics { _ = try probe.take(entry.name, shape: entry.shape) }
        try probe.finish()
        var state = StateDict(tensors)
        try store.load(&state)
    }

    /// Upscales images.
    ///
    /// - Parameter input: `[N, 3, H, W]` in the network's input range.
    /// - Returns: `[N, 3, 4 H, 4 W]`.
    public func forward(_ input: Batch) -> Batch {
        Conv2dLayer.pack(builder.convolutions, context: context)
        let first = head.forward(input)
        return tail.forward(trunk.forward(first).adding(first, context))
    }

    /// Accumulates the parameters' gradients. The gradient with respect to the input is not computed: ignore the
    /// result.
    @discardableResult
    public func backward(_ gradient: Batch) -> Batch {
        let sum = tail.backward(gradient)
        return head.backward(trunk.backward(sum).adding(sum, context))
    }
}
