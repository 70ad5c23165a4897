extension FastProgram {
    /// Converts a graph.
    ///
    /// - Throws: the reason if the fast kernels do not support the graph.
    init(_ graph: NetworkGraph) throws(UnsupportedGraph) {
        var lowering = GraphLowering(graph)
        try lowering.run()
        self = lowering.program
        try assignStorages()
        assignBuffers()
        findTail()
    }
}

/// The conversion of a graph to a program, operation by operation.
struct GraphLowering {
    private(set) var program = FastProgram()

    private let graph: NetworkGraph
    /// The operations that read each operation's value.
    private let readers: [[Int]]
    /// The operations whose value is the network's input, prepared for the first convolution.
    private var image: Set<Int> = []
    /// For each operation that is computed, the values that hold its result: one, or those of a concatenation.
    private var results: [Int: [Int]] = [:]

    init(_ graph: NetworkGraph) {
        self.graph = graph
        var readers = [[Int]](repeating: [], count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            for input in node.inputs { readers[input].append(index) }
        }
        self.readers = readers
    }

    mutating func run() throws(UnsupportedGraph) {
        let last = try readOutput()
        try readInput()
        for index in graph.nodes.indices where index <= last && !image.contains(index) && results[index] == nil {
            let node = graph.nodes[index]
            switch node.operation {
            case .convolution(let layer, let activation):
                try convolution(index, layer, activation, isLast: index == last)
            case .scaledSum(let factor):
                let (first, second) = (try value(node.inputs[0]), try value(node.inputs[1]))
                let output = add(channels: node.channels, resolution: node.resolution)
                program.steps.append(
                    FastProgram.Step(
                        work: .sum(factor: factor), sources: [first], skip: second, output: output, radius: 0))
                results[index] = [output]
            case .concatenation:
                var parts: [Int] = []
                for input in node.inputs { parts += try values(input) }
                results[index] = parts
            case .nearest where readers[index].allSatisfy({ isFoldable($0) }): break
            case .nearest: throw UnsupportedGraph(reason: "an upscaling by repetition that no convolution follows")
            case .pixelShuffle: throw UnsupportedGraph(reason: "a pixel shuffle that follows no convolution")
            case .pixelUnshuffle: throw UnsupportedGraph(reason: "a pixel unshuffle within the network")
            case .bilinear: throw UnsupportedGraph(reason: "a bilinear upscaling within the network")
            case .gate: throw UnsupportedGraph(reason: "an attention that follows no convolution")
            case .affine: throw UnsupportedGraph(reason: "a shift within the network")
            case .input: break
            }
        }
    }

    // MARK: Input and output

    /// Reads what happens when the output is written, and returns the last convolution.
    private mutating func readOutput() throws(UnsupportedGraph) -> Int {
        var index = graph.output.index
        let channels = graph.output.channels
        program.outputScale = [Float](repeating: 1, count: channels)
        program.outputShift = [Float](repeating: 0, count: channels)
        program.scale = graph.scale
        if case .affine(let scale, let shift) = graph.nodes[index].operation {
            (program.outputScale, program.outputShift) = (scale, shift)
            index = graph.nodes[index].inputs[0]
        } else if case .scaledSum(factor: 1) = graph.nodes[index].operation {
            let inputs = graph.nodes[index].inputs
            switch graph.nodes[inputs[1]].operation {
            case .nearest where graph.nodes[inputs[1]].inputs == [0]: (program.base, index) = (.nearest, inputs[0])
            case .bilinear where graph.nodes[inputs[1]].inputs == [0]: (program.base, index) = (.bilinear, inputs[0])
            default: break
            }
        }
        if case .pixelShuffle(let factor) = graph.nodes[index].operation {
            program.outputShuffle = factor
            index = graph.nodes[index].inputs[0]
        }
        guard case .convolution(let layer, .none) = graph.nodes[index].operation, layer.kernel == 3 else {
            throw UnsupportedGraph(reason: "a network whose last layer is not a convolution of 3 x 3")
        }
        guard graph.inputMultiple == 1 || (program.outputShuffle == 1 && program.base.isNone) else {
            throw UnsupportedGraph(reason: "a pixel unshuffle together with a pixel shuffle at the end")
        }
        return index
    }

    /// Finds the operations before the first convolution.
    private mutating func readInput() throws(UnsupportedGraph) {
        let channels = graph.input.channels
        program.imageChannels = channels
        program.multiple = graph.inputMultiple
        program.inputScale = [Float](repeating: 1, count: channels)
        program.inputShift = [Float](repeating: 0, count: channels)
        image = [0]
        for index in readers[0] {
            switch graph.nodes[index].operation {
            case .affine(let scale, let shift):
                (program.inputScale, program.inputShift) = (scale, shift)
                image.insert(index)
            case .pixelUnshuffle: image.insert(index)
            default: break
            }
        }
        // The enlarged image that is added to the output.
        if !program.base.isNone, let base = graph.nodes[graph.output.index].inputs.last { image.insert(base) }
        guard graph.nodes[0].resolution == 1 || image.count == 2 else {
            throw UnsupportedGraph(reason: "a pixel unshuffle together with a shift")
        }
    }

    // MARK: Convolutions

    private mutating func convolution(
        _ index: Int, _ layer: Conv2d, _ activation: Activation, isLast: Bool
    ) throws(UnsupportedGraph) {
        let node = graph.nodes[index]
        var weights = FoldedWeights(layer, slopes: activation.slopes)
        if image.contains(node.inputs[0]) {
            guard activation != .silu, !isLast, layer.kernel <= 9 else {
                throw UnsupportedGraph(reason: "this first convolution")
            }
            let output = add(channels: node.channels, resolution: node.resolution)
            program.steps.append(
                FastProgram.Step(
                    work: .first(weights), sources: [], skip: nil, output: output, radius: layer.kernel / 2))
            results[index] = [output]
            return
        }
        guard layer.kernel == 1 || layer.kernel == 3 else {
            throw UnsupportedGraph(reason: "convolutions of \(layer.kernel) x \(layer.kernel)")
        }
        if layer.kernel == 1 {
            guard activation != .silu else { throw UnsupportedGraph(reason: "an attention after a 1 x 1 convolution") }
            let sources = try values(node.inputs[0])
            let output = add(channels: node.channels, resolution: node.resolution)
            program.steps.append(
                FastProgram.Step(
                    work: .pointwise(weights), sources: sources, skip: nil, output: output, radius: 0))
            results[index] = [output]
            return
        }
        // What comes before: an enlargement by repetition.
        var (source, shuffle) = (node.inputs[0], 1)
        if case .nearest(let factor) = graph.nodes[source].operation {
            guard factor <= 3 else { throw UnsupportedGraph(reason: "an upscaling by \(factor)") }
            (source, shuffle) = (graph.nodes[source].inputs[0], factor)
            weights = weights.beforeRepetition(factor: factor)
        }
        // What comes after: a pixel shuffle, or a sum or an attention.
        var (result, skip, ending) = (index, Int?.none, WinogradConvolution.Ending.rectify)
        if activation == .silu { ending = .silu }
        if !isLast, let next = onlyReader(of: index) {
            switch graph.nodes[next].operation {
            case .pixelShuffle(let factor) where shuffle == 1 && (2...3).contains(factor) && activation != .silu:
                (result, shuffle) = (next, factor)
            case .scaledSum(let factor)
            where shuffle == 1 && activation != .silu && (factor == 1 || activation == .none)
                && graph.nodes[next].inputs[0] == index && isKnown(graph.nodes[next].inputs[1]):
                weights = weights.scaled(by: factor)
                (result, skip) = (next, try value(graph.nodes[next].inputs[1]))
            case .gate
            where shuffle == 1 && activation == .none && graph.nodes[next].inputs[0] == index
                && isKnown(graph.nodes[next].inputs[1]):
                (result, skip, ending) = (next, try value(graph.nodes[next].inputs[1]), .gate)
            default: break
            }
        }
        let sources = try values(source)
        let output = add(channels: graph.nodes[result].channels, resolution: graph.nodes[result].resolution)
        program.steps.append(
            FastProgram.Step(
                work: .convolution(weights, ending: ending), sources: sources, skip: skip, output: output,
                shuffle: shuffle, radius: 1))
        results[index] = [output]
        results[result] = [output]
    }

    // MARK: Values

    private func onlyReader(of index: Int) -> Int? { readers[index].count == 1 ? readers[index][0] : nil }

    /// True for a single value that has been computed.
    private func isKnown(_ index: Int) -> Bool { results[index]?.count == 1 }

    /// True for a convolution that an enlargement by repetition can be folded into.
    private func isFoldable(_ index: Int) -> Bool {
        if case .convolution(let layer, _) = graph.nodes[index].operation { layer.kernel == 3 } else { false }
    }

    private func values(_ index: Int) throws(UnsupportedGraph) -> [Int] {
        guard let found = results[index] else { throw UnsupportedGraph(reason: "this order of layers") }
        return found
    }

    private func value(_ index: Int) throws(UnsupportedGraph) -> Int {
        let found = try values(index)
        guard found.count == 1 else { throw UnsupportedGraph(reason: "a sum of concatenations") }
        return found[0]
    }

    private mutating func add(channels: Int, resolution: Int) -> Int {
        program.values.append(
            FastProgram.Value(channels: FastProgram.padded(channels), used: channels, resolution: resolution))
        return program.values.count - 1
    }
}

extension FastProgram.Base {
    /// True if nothing is added.
    var isNone: Bool { if case .none = self { true } else { false } }
}

extension Activation {
    /// The slopes for negative values; nil for other activations.
    var slopes: [Float]? { if case .slopes(let slopes) = self { slopes } else { nil } }
}
