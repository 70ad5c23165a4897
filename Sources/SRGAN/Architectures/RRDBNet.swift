import NeuralNetwork

/// ESRGAN's network of residual-in-residual dense blocks (Wang et al., arXiv 1809.00219), also used by Real-ESRGAN,
/// BSRGAN and RealSR, and ESRGAN+ (Rakotonirina and Rasoanaivo, arXiv 2001.08073), which adds paths to the blocks.
///
/// Networks for the scales 1 and 2 in Real-ESRGAN's layout begin with a pixel unshuffle. One upscaling step of the other
/// layouts doubles the size; the step of a network for the scale 3 triples it, which its entries do not show.
enum RRDBNet: Architecture {
    static let name = "RRDBNet"
    static let overlap = 64

    /// The names of the entries; each project spells them differently.
    private struct Names {
        var first: String
        /// The prefix of dense block `dense` of block `block`, and the suffix of its convolutions.
        var dense: (_ block: Int, _ dense: Int) -> String
        var suffix = ""
        /// The convolution after `blocks` blocks.
        var trunk: (_ blocks: Int) -> String
        /// The convolution of upscaling step `step`, from 1.
        var upscaling: (_ step: Int) -> String
        /// The last two convolutions, after `steps` upscaling steps.
        var high: (_ steps: Int) -> String
        var last: (_ steps: Int) -> String

        init?(_ state: StateDict) {
            func either(_ first: String, _ second: String) -> String {
                state.has("\(first).weight") ? first : second
            }
            if state.has("model.1.sub.0.RDB1.conv1.0.weight") {
                first = "model.0"
                dense = { "model.1.sub.\($0).RDB\($1)" }
                suffix = ".0"
                trunk = { "model.1.sub.\($0)" }
                upscaling = { "model.\(3 * $0)" }
                high = { "model.\(3 * $0 + 2)" }
                last = { "model.\(3 * $0 + 4)" }
                return
            }
            if state.has("body.0.rdb1.conv1.weight") {
                dense = { "body.\($0).rdb\($1)" }
            } else if state.has("RRDB_trunk.0.RDB1.conv1.weight") {
                dense = { "RRDB_trunk.\($0).RDB\($1)" }
            } else {
                return nil
            }
            let (body, step) = (either("conv_body", "trunk_conv"), either("upconv1", "conv_up1"))
            let (beforeLast, prefix) = (either("conv_hr", "HRconv"), String(step.dropLast()))
            first = "conv_first"
            trunk = { _ in body }
            upscaling = { "\(prefix)\($0)" }
            high = { _ in beforeLast }
            last = { _ in "conv_last" }
        }
    }

    static func recognises(_ state: StateDict) -> Bool { Names(state) != nil }

    static func network(
        _ state: inout StateDict, scale: Int?
    ) throws(NeuralNetworkError) -> ArchitectureNetwork {
        guard let names = Names(state) else { throw NeuralNetworkError(.missingKey, "The dense blocks are missing.") }
        let blocks = state.count { "\(names.dense($0, 1)).conv1\(names.suffix).weight" }
        let steps = state.count(from: 1) { "\(names.upscaling($0)).weight" }
        let last = names.last(steps)
        guard let channels = state.shape(of: "\(last).weight")?.first else {
            throw NeuralNetworkError(.missingKey, "The entry \"\(last).weight\" is missing.")
        }
        guard let shape = state.shape(of: "\(names.first).weight"), shape.count == 4 else {
            throw NeuralNetworkError(.missingKey, "The entry \"\(names.first).weight\" is missing or misshapen.")
        }
        let (features, inputs) = (shape[0], shape[1])
        let unshuffle = [2, 4].first { inputs == channels * $0 * $0 } ?? 1
        try Architectures.checkChannels(input: inputs / unshuffle / unshuffle, output: channels)
        // The shift is limited because the number of steps is the file's.
        try Architectures.checkScale((1 << min(steps, 10)) / unshuffle)

        var graph = NetworkGraph(inputChannels: channels, inputResolution: unshuffle)
        let image = unshuffle == 1 ? graph.input : graph.pixelUnshuffle(graph.input, factor: unshuffle)
        let first = graph.convolution(
            try state.takeConv2d(names.first, inputChannels: inputs, outputChannels: features, kernel: 3), of: image)
        var x = first
        for block in 0..<blocks {
            let start = x
            for dense in 1...3 {
                x = try denseBlock(names.dense(block, dense), names.suffix, of: x, in: &graph, from: &state)
            }
            x = graph.sum(x, times: 0.2, plus: start)
        }
        let trunk = try state.takeConv2d(
            names.trunk(blocks), inputChannels: features, outputChannels: features, kernel: 3)
        x = graph.sum(graph.convolution(trunk, of: x), plus: first)

        let leaky = Activation.leaky(0.2, channels: features)
        func inner(_ name: String) throws(NeuralNetworkError) -> Conv2d {
            try state.takeConv2d(name, inputChannels: features, outputChannels: features, kernel: 3)
        }
        let triples = steps == 1 && unshuffle == 1 && scale == 3
        for step in 1..<steps + 1 {
            x = graph.nearest(x, factor: triples ? 3 : 2)
            x = graph.convolution(try inner(names.upscaling(step)), leaky, of: x)
        }
        x = graph.convolution(try inner(names.high(steps)), leaky, of: x)
        let output = try state.takeConv2d(last, inputChannels: features, outputChannels: channels, kernel: 3)
        graph.output = graph.convolution(output, of: x)
        return ArchitectureNetwork(graph: graph, blocks: blocks, features: features)
    }

    /// A dense block: each convolution reads the block's input and the outputs of the convolutions before it.
    private static func denseBlock(
        _ name: String, _ suffix: String, of input: NetworkGraph.Value, in graph: inout NetworkGraph,
        from state: inout StateDict
    ) throws(NeuralNetworkError) -> NetworkGraph.Value {
        var values = [input]
        var growth: Int?
        let hasPaths = state.has("\(name).conv1x1.weight")
        for index in 1...4 {
            let source = index == 1 ? input : graph.concatenation(values)
            let layer = try state.takeConv2d(
                "\(name).conv\(index)\(suffix)", inputChannels: source.channels, outputChannels: growth, kernel: 3)
            growth = layer.outputChannels
            var value = graph.convolution(layer, .leaky(0.2, channels: layer.outputChannels), of: source)
            // ESRGAN+ adds a path from the input to the second convolution's output, and one from there to the
            // fourth's.
            if hasPaths, index == 2 {
                let weight = try state.take(
                    "\(name).conv1x1.weight", shape: [layer.outputChannels, input.channels, 1, 1])
                let path = Conv2d(weight: weight, bias: Tensor(shape: [layer.outputChannels]), padding: 0)
                value = graph.sum(graph.convolution(path, of: input), plus: value)
            } else if hasPaths, index == 4 {
                value = graph.sum(value, plus: values[2])
            }
            values.append(value)
        }
        let source = graph.concatenation(values)
        let layer = try state.takeConv2d(
            "\(name).conv5\(suffix)", inputChannels: source.channels, outputChannels: input.channels, kernel: 3)
        return graph.sum(graph.convolution(layer, of: source), times: 0.2, plus: input)
    }
}
