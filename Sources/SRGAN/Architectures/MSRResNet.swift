import NeuralNetwork

/// BasicSR's version of SRResNet: residual blocks without normalisation, whose output is added to the input enlarged
/// bilinearly.
enum MSRResNet: Architecture {
    static let name = "MSRResNet"
    static let overlap = 24

    static func recognises(_ state: StateDict) -> Bool {
        state.has("conv_first.weight") && state.has("upconv1.weight")
            && (state.has("body.0.conv1.weight") || state.has("recon_trunk.0.conv1.weight"))
    }

    static func network(
        _ state: inout StateDict, scale: Int?
    ) throws(NeuralNetworkError) -> ArchitectureNetwork {
        let body = state.has("body.0.conv1.weight") ? "body" : "recon_trunk"
        let high = state.has("conv_hr.weight") ? "conv_hr" : "HRconv"
        guard let shape = state.shape(of: "conv_first.weight"), shape.count == 4 else {
            throw NeuralNetworkError(.wrongShape, "The entry \"conv_first.weight\" is misshapen.")
        }
        let (features, channels) = (shape[0], shape[1])
        try Architectures.checkChannels(input: channels, output: channels)
        let leaky = Activation.leaky(0.1, channels: features)
        var graph = NetworkGraph(inputChannels: channels)
        func inner(_ name: String) throws(NeuralNetworkError) -> Conv2d {
            try state.takeConv2d(name, inputChannels: features, outputChannels: features, kernel: 3)
        }
        var x = graph.convolution(
            try state.takeConv2d("conv_first", inputChannels: channels, outputChannels: features, kernel: 3), leaky,
            of: graph.input)
        let blocks = state.count { "\(body).\($0).conv1.weight" }
        for block in 0..<blocks {
            let middle = graph.convolution(
                try inner("\(body).\(block).conv1"), .leaky(0, channels: features), of: x)
            x = graph.sum(graph.convolution(try inner("\(body).\(block).conv2"), of: middle), plus: x)
        }
        for step in 1..<state.count(from: 1, { "upconv\($0).weight" }) + 1 {
            let layer = try state.takeConv2d("upconv\(step)", inputChannels: features, outputChannels: nil, kernel: 3)
            let factor = try Architectures.shuffleFactor(of: layer.outputChannels, channels: features)
            let slopes = Activation.leaky(0.1, channels: layer.outputChannels)
            x = graph.pixelShuffle(graph.convolution(layer, slopes, of: x), factor: factor)
            graph.output = x
            try Architectures.checkScale(graph.scale)
        }
        x = graph.convolution(try inner(high), leaky, of: x)
        let last = try state.takeConv2d("conv_last", inputChannels: features, outputChannels: channels, kernel: 3)
        x = graph.convolution(last, of: x)
        graph.output = x
        graph.output = graph.sum(x, plus: graph.bilinear(graph.input, factor: graph.scale))
        return ArchitectureNetwork(graph: graph, blocks: blocks, features: features)
    }
}
