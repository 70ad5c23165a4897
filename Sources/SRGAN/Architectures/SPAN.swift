import NeuralNetwork

/// The swift parameter-free attention network (Wan et al., arXiv 2311.12770).
///
/// While it is trained, each convolution is a chain of three with a fourth beside them. They are folded into one here,
/// because published files often hold an outdated result of this folding (`eval_conv`).
enum SPAN: Architecture {
    static let name = "SPAN"
    static let overlap = 16

    private static let blocks = 6
    /// The mean colour that the network subtracts, unless the file has an entry `no_norm`, and the range of its values.
    private static let (mean, range): ([Float], Float) = ([0.4488, 0.4371, 0.4040], 255)

    static func recognises(_ state: StateDict) -> Bool {
        state.has("conv_cat.weight") && state.has("upsampler.0.weight")
            && (state.has("block_1.c1_r.sk.weight") || state.has("block_1.c1_r.eval_conv.weight"))
    }

    static func network(
        _ state: inout StateDict, scale: Int?
    ) throws(NeuralNetworkError) -> ArchitectureNetwork {
        guard let shape = state.shape(of: "conv_cat.weight"), shape.count == 4, shape[1] == 4 * shape[0] else {
            throw NeuralNetworkError(.wrongShape, "The entry \"conv_cat.weight\" is misshapen.")
        }
        let features = shape[0]
        let first = try convolution("conv_1", inputs: nil, outputs: features, from: &state)
        let channels = first.inputChannels
        try Architectures.checkChannels(input: channels, output: channels)
        var graph = NetworkGraph(inputChannels: channels)
        var x = graph.input
        if state.has("no_norm") {
            _ = try state.take("no_norm", shape: [1])
        } else {
            guard channels == mean.count else {
                throw NeuralNetworkError(
                    .missingKey, "The entry \"no_norm\" is missing, and the network is not for RGB.")
            }
            x = graph.affine(
                x, scale: [Float](repeating: range, count: channels), shift: mean.map { -$0 * range })
        }
        let beginning = graph.convolution(first, of: x)
        x = beginning
        var (afterFirst, insideLast) = (x, x)
        for block in 1...blocks {
            let start = x
            for (index, activation) in [Activation.silu, .silu, .none].enumerated() {
                let layer = try convolution(
                    "block_\(block).c\(index + 1)_r", inputs: features, outputs: features, from: &state)
                x = graph.convolution(layer, activation, of: x)
                if block == blocks, index == 0 { insideLast = x }
            }
            x = graph.gate(x, plus: start)
            if block == 1 { afterFirst = x }
        }
        x = graph.convolution(try convolution("conv_2", inputs: features, outputs: features, from: &state), of: x)
        x = graph.concatenation([beginning, x, afterFirst, insideLast])
        x = graph.convolution(
            try state.takeConv2d("conv_cat", inputChannels: 4 * features, outputChannels: features, kernel: 1), of: x)
        let last = try state.takeConv2d("upsampler.0", inputChannels: features, outputChannels: nil, kernel: 3)
        let factor = try Architectures.shuffleFactor(of: last.outputChannels, channels: channels)
        graph.output = graph.pixelShuffle(graph.convolution(last, of: x), factor: factor)
        return ArchitectureNetwork(graph: graph, blocks: blocks, features: features)
    }

    /// Takes the branches of a convolution and folds them. A file without branches has the folded convolution.
    private static func convolution(
        _ name: String, inputs: Int?, outputs: Int, from state: inout StateDict
    ) throws(NeuralNetworkError) -> Conv2d {
        let isFolded = !state.has("\(name).sk.weight")
        let key = isFolded ? "\(name).eval_conv" : "\(name).sk"
        guard let channels = inputs ?? state.shape(of: "\(key).weight")?.dropFirst().first else {
            throw NeuralNetworkError(.missingKey, "The entry \"\(key).weight\" is missing.")
        }
        if isFolded {
            return try state.takeConv2d(key, inputChannels: channels, outputChannels: outputs, kernel: 3)
        }
        if state.has("\(name).eval_conv.weight") {
            _ = try state.takeConv2d(
                "\(name).eval_conv", inputChannels: channels, outputChannels: outputs, kernel: 3)
        }
        let beside = try state.takeConv2d(key, inputChannels: channels, outputChannels: outputs, kernel: 1)
        let first = try state.takeConv2d(
            "\(name).conv.0", inputChannels: channels, outputChannels: nil, kernel: 1)
        let middle = try state.takeConv2d(
            "\(name).conv.1", inputChannels: first.outputChannels, outputChannels: nil, kernel: 3)
        let last = try state.takeConv2d(
            "\(name).conv.2", inputChannels: middle.outputChannels, outputChannels: outputs, kernel: 1)
        return middle.preceded(byPointwise: first).followed(byPointwise: last).adding(beside)
    }
}
