import NeuralNetwork

extension ReferenceGenerator {
    /// The indices of a residual block's layers in the names of the state dict's entries.
    ///
    /// The PyTorch reference implementation has a batch normalisation after each convolution. Networks without
    /// normalisation number the other layers in one of two ways: they skip the indices of the normalisations
    /// (`torch.nn.Identity`), or they number the layers without gaps.
    private struct Layout {
        var conv1, conv2, activation: Int
        var norms: [Int]?

        static func trunk(_ state: StateDict) -> Layout {
            let prefix = "res_block.0.res_block"
            if state.shape(of: "\(prefix).1.running_mean") != nil || state.shape(of: "\(prefix).4.running_mean") != nil
            {
                return Layout(conv1: 0, conv2: 3, activation: 2, norms: [1, 4])
            }
            let compact = state.shape(of: "\(prefix).1.weight") != nil
            return compact
                ? Layout(conv1: 0, conv2: 2, activation: 1, norms: nil)
                : Layout(conv1: 0, conv2: 3, activation: 2, norms: nil)
        }
    }

    /// The maximum number of upsampling blocks. Each block quadruples the memory that upscaling needs, so without this
    /// limit a file of a few KB could demand any amount of memory.
    private static let maximumUpsamplingBlocks = 4

    /// Builds the network from a model file. The entries' names and shapes determine the numbers of blocks and
    /// channels, the kernel sizes and the normalisation.
    ///
    /// - Throws: `modelUnsupported`; the message names the file and the missing, extra or misshapen entry.
    public init(model: ModelFile) throws(SRGANError) {
        do {
            try self.init(state: StateDict(model.tensors), metadata: model.metadata)
        } catch {
            throw SRGANError(
                .modelUnsupported, "\(model.name) is not an SRGAN generator: \(error.message)", cause: error)
        }
        guard upsampling.count <= Self.maximumUpsamplingBlocks else {
            throw SRGANError(
                .modelUnsupported,
                "\(model.name) has \(upsampling.count) upsampling blocks; the maximum is \(Self.maximumUpsamplingBlocks)."
            )
        }
        if let stated = model.metadata.blocks, stated != blocks.count {
            throw SRGANError(
                .modelUnsupported, "\(model.name) states \(stated) blocks in its metadata and has \(blocks.count).")
        }
        if let stated = model.metadata.scale, stated != scale {
            throw SRGANError(
                .modelUnsupported, "\(model.name) states the scale \(stated) in its metadata and has \(scale).")
        }
    }

    init(state initial: StateDict, metadata: ModelMetadata) throws(NeuralNetworkError) {
        var state = initial
        let epsilon = metadata.batchNormEpsilon

        conv1 = try state.takeConv2d("conv1.0", inputChannels: 3, outputChannels: nil)
        let channels = conv1.outputChannels
        activation = try state.takePReLU("conv1.1", channels: channels)

        let trunk = Layout.trunk(state)
        blocks = try Self.takeBlocks(&state, layout: trunk, channels: channels, epsilon: epsilon)

        conv2 = try state.takeConv2d("conv2.0", inputChannels: channels, outputChannels: channels)
        norm2 = nil
        activation2 = nil
        if state.shape(of: "conv2.1.weight") != nil, state.shape(of: "conv2.1.bias") == nil {
            activation2 = try state.takePReLU("conv2.1", channels: channels)
        } else if state.shape(of: "conv2.1.running_mean") != nil || trunk.norms != nil {
            norm2 = try state.takeBatchNorm2d("conv2.1", channels: channels, epsilon: epsilon)
        }

        upsampling = try Self.takeUpsampling(
            &state, channels: channels, epsilon: metadata.upsamplingBatchNormEpsilon ?? epsilon)
        conv3 = try state.takeConv2d("conv3", inputChannels: channels, outputChannels: 3)
        finalActivation = metadata.finalActivation
        try state.finish()
    }

    private static func takeBlocks(
        _ state: inout StateDict, layout: Layout, channels: Int, epsilon: Float
    ) throws(NeuralNetworkError) -> [ResidualBlock] {
        var blocks: [ResidualBlock] = []
        repeat {
            let name = "res_block.\(blocks.count).res_block"
            var norms: [BatchNorm2d?] = [nil, nil]
            for (position, index) in (layout.norms ?? []).enumerated() {
                norms[position] = try state.takeBatchNorm2d("\(name).\(index)", channels: channels, epsilon: epsilon)
            }
            blocks.append(
                ResidualBlock(
                    conv1: try state.takeConv2d(
                        "\(name).\(layout.conv1)", inputChannels: channels, outputChannels: channels),
                    norm1: norms[0],
                    activation: try state.takePReLU("\(name).\(layout.activation)", channels: channels),
                    conv2: try state.takeConv2d(
                        "\(name).\(layout.conv2)", inputChannels: channels, outputChannels: channels),
                    norm2: norms[1]))
        } while state.remaining.keys.contains { $0.hasPrefix("res_block.\(blocks.count).") }
        return blocks
    }

    private static func takeUpsampling(
        _ state: inout StateDict, channels: Int, epsilon: Float
    ) throws(NeuralNetworkError) -> [UpsamplingBlock] {
        let hasNorm = state.remaining.keys.contains { $0.hasPrefix("upsampling.") && $0.hasSuffix(".running_mean") }
        // A block without normalisation has either three indices (convolution, shuffle, PReLU) or four, of which index
        // 1 is unused.
        let compact = !hasNorm && state.shape(of: "upsampling.2.weight") != nil
        let step = compact ? 3 : 4
        var blocks: [UpsamplingBlock] = []
        repeat {
            let first = step * blocks.count
            let conv = try state.takeConv2d(
                "upsampling.\(first)", inputChannels: channels, outputChannels: 4 * channels)
            let norm =
                hasNorm
                ? try state.takeBatchNorm2d("upsampling.\(first + 1)", channels: 4 * channels, epsilon: epsilon) : nil
            let activation = try state.takePReLU("upsampling.\(first + step - 1)", channels: channels)
            blocks.append(UpsamplingBlock(conv: conv, norm: norm, activation: activation))
        } while state.shape(of: "upsampling.\(step * blocks.count).weight") != nil
        return blocks
    }
}
