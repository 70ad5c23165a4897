import NeuralNetwork

/// Real-ESRGAN's small network: a chain of convolutions with PReLU at the input's resolution, a pixel shuffle, and the
/// input enlarged by repetition.
enum SRVGGNetCompact: Architecture {
    static let name = "SRVGGNetCompact"
    static let overlap = 16

    static func recognises(_ state: StateDict) -> Bool {
        state.shape(of: "body.0.weight")?.count == 4
            && (state.shape(of: "body.1.weight")?.count == 1 || state.shape(of: "body.2.weight")?.count == 4)
    }

    static func network(
        _ state: inout StateDict, scale: Int?
    ) throws(NeuralNetworkError) -> ArchitectureNetwork {
        guard state.has("body.1.weight") else {
            throw NeuralNetworkError(
                .missingKey,
                "It has no PReLU slopes (\"body.1.weight\"): it was trained with another activation, and the file does not say with which."
            )
        }
        let layers = state.count { "body.\($0).weight" }
        guard layers % 2 == 1, let shape = state.shape(of: "body.0.weight") else {
            throw NeuralNetworkError(.missingKey, "The entry \"body.\(layers).weight\" is missing.")
        }
        let (features, channels) = (shape[0], shape[1])
        try Architectures.checkChannels(input: channels, output: channels)
        var graph = NetworkGraph(inputChannels: channels)
        var x = graph.input
        for index in stride(from: 0, to: layers - 1, by: 2) {
            let layer = try state.takeConv2d(
                "body.\(index)", inputChannels: x.channels, outputChannels: features, kernel: 3)
            let slopes = try state.takePReLU("body.\(index + 1)", channels: features).slopes(channels: features)
            x = graph.convolution(layer, .slopes(slopes), of: x)
        }
        let last = try state.takeConv2d(
            "body.\(layers - 1)", inputChannels: features, outputChannels: nil, kernel: 3)
        let factor = try Architectures.shuffleFactor(of: last.outputChannels, channels: channels)
        x = graph.pixelShuffle(graph.convolution(last, of: x), factor: factor)
        graph.output = graph.sum(x, plus: graph.nearest(graph.input, factor: factor))
        return ArchitectureNetwork(graph: graph, blocks: (layers - 3) / 2, features: features)
    }
}
