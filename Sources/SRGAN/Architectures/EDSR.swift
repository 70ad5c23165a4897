import NeuralNetwork

/// Enhanced deep residual networks (Lim et al., arXiv 1707.02921), in the layouts of the authors and of BasicSR.
enum EDSR: Architecture {
    static let name = "EDSR"
    static let overlap = 24

    /// The mean colour of the training images and the range of the network's values.
    private static let (mean, range): ([Float], Float) = ([0.4488, 0.4371, 0.4040], 255)

    /// The names of the entries in one of the two layouts.
    private struct Names {
        let first: String
        let body: (_ block: Int, _ convolution: Int) -> String
        let trunk: (_ blocks: Int) -> String
        let upsampling: String
        let last: String

        init?(_ state: StateDict) {
            if state.has("head.0.weight"), state.has("body.0.body.0.weight"), state.has("body.0.body.2.weight"),
                state.has("tail.1.weight")
            {
                first = "head.0"
                body = { "body.\($0).body.\(2 * $1)" }
                trunk = { "body.\($0)" }
                (upsampling, last) = ("tail.0", "tail.1")
            } else if state.has("conv_first.weight"), state.has("body.0.conv1.weight"),
                state.has("conv_after_body.weight"), state.has("upsample.0.weight")
            {
                first = "conv_first"
                body = { "body.\($0).conv\($1 + 1)" }
                trunk = { _ in "conv_after_body" }
                (upsampling, last) = ("upsample", "conv_last")
            } else {
                return nil
            }
        }
    }

    static func recognises(_ state: StateDict) -> Bool { Names(state) != nil && !state.has("upconv1.weight") }

    static func network(
        _ state: inout StateDict, scale: Int?
    ) throws(NeuralNetworkError) -> ArchitectureNetwork {
        guard let names = Names(state) else {
            throw NeuralNetworkError(.missingKey, "The residual blocks are missing.")
        }
        guard let shape = state.shape(of: "\(names.first).weight"), shape.count == 4, shape[1] == 3 else {
            throw NeuralNetworkError(.wrongShape, "It is not for images with 3 channels.")
        }
        let features = shape[0]
        let (before, after) = (
            try shift("sub_mean", of: mean.map { -$0 * range }, from: &state),
            try shift("add_mean", of: mean.map { $0 * range }, from: &state)
        )
        var graph = NetworkGraph(inputChannels: 3)
        func inner(_ name: String) throws(NeuralNetworkError) -> Conv2d {
            try state.takeConv2d(name, inputChannels: features, outputChannels: features, kernel: 3)
        }
        let image = graph.affine(graph.input, scale: [range, range, range], shift: before)
        let first = graph.convolution(
            try state.takeConv2d(names.first, inputChannels: 3, outputChannels: features, kernel: 3), of: image)
        var x = first
        let blocks = state.count { "\(names.body($0, 0)).weight" }
        // The authors scale the residuals of the large network only, and the entries do not contain the factor.
        let factor: Float = features > 64 ? 0.1 : 1
        for block in 0..<blocks {
            let middle = graph.convolution(
                try inner(names.body(block, 0)), .leaky(0, channels: features), of: x)
            x = graph.sum(graph.convolution(try inner(names.body(block, 1)), of: middle), times: factor, plus: x)
        }
        x = graph.sum(graph.convolution(try inner(names.trunk(blocks)), of: x), plus: first)
        var step = 0
        while state.has("\(names.upsampling).\(step).weight") {
            let layer = try state.takeConv2d(
                "\(names.upsampling).\(step)", inputChannels: features, outputChannels: nil, kernel: 3)
            let factor = try Architectures.shuffleFactor(of: layer.outputChannels, channels: features)
            x = graph.pixelShuffle(graph.convolution(layer, of: x), factor: factor)
            graph.output = x
            try Architectures.checkScale(graph.scale)
            // A pixel shuffle follows each convolution.
            step += 2
        }
        let last = try state.takeConv2d(names.last, inputChannels: features, outputChannels: 3, kernel: 3)
        graph.output = graph.affine(
            graph.convolution(last, of: x), scale: [Float](repeating: 1 / range, count: 3),
            shift: after.map { $0 / range })
        return ArchitectureNetwork(graph: graph, blocks: blocks, features: features)
    }

    /// Takes a shift of the mean colour; a file without it has the usual one.
    private static func shift(
        _ name: String, of usual: [Float], from state: inout StateDict
    ) throws(NeuralNetworkError) -> [Float] {
        guard state.has("\(name).weight") else { return usual }
        _ = try state.take("\(name).weight", shape: [3, 3, 1, 1])
        return try state.take("\(name).bias", shape: [3]).values
    }
}
