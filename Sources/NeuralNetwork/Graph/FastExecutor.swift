/// Runs a graph with the fast kernels. Its weights are folded, transformed and packed once; all threads share them, and
/// each tile has its own memory. Threads without a tile compute some rows of other threads' tiles.
///
/// Most steps run one after the other on the whole tile. The last steps, whose images would not fit the caches, run on
/// columns of the tile and in each column on strips of rows, with ring buffers between them. Each step computes only the
/// part of its result on which the kept part of the output depends.
public final class FastExecutor: Sendable {
    /// The kernels of a step: one for each part of its output channels.
    enum Layers: Sendable {
        case direct([Part<DirectConvolution>])
        case winograd([Part<WinogradConvolution>])
        case sum(factor: Float)
    }

    /// A convolution that computes some of a step's output channels, from channel `first` on.
    struct Part<Layer: Sendable>: Sendable {
        let layer: Layer
        let first: Int
    }

    let program: FastProgram
    let layers: [Layers]
    let kernels: ConvolutionKernels
    /// The kernel size of the first convolution.
    let firstKernel: Int

    /// The rows that a step of the tail computes at once, before its pixel shuffle: two rows of Winograd tiles.
    static let strip = 8
    /// The maximum width of a column of the tail, counted in pixels of the last convolution.
    static let column = 96

    /// Prepares a graph.
    ///
    /// - Throws: the reason if the fast kernels do not support the graph.
    public init(_ graph: NetworkGraph, kernels: ConvolutionKernels) throws(UnsupportedGraph) {
        let program = try FastProgram(graph)
        self.kernels = kernels
        var layers: [Layers] = []
        var firstKernels: Set<Int> = []
        for step in program.steps {
            let places = Self.places(of: step.sources, in: program)
            let inputs = step.sources.reduce(0) { $0 + program.values[$1].channels }
            let used = program.values[step.output].used
            switch step.work {
            case .sum(let factor): layers.append(.sum(factor: factor))
            case .first(let weights):
                firstKernels.insert(weights.kernel)
                layers.append(
                    .direct(Self.direct(weights, places: Array(0..<weights.inputs), inputs: weights.inputs)))
            case .pointwise(let weights):
                layers.append(.direct(Self.direct(weights, places: places, inputs: inputs)))
            case .convolution(let weights, let ending):
                layers.append(
                    .winograd(
                        Self.winograd(
                            weights, ending: ending, shuffle: step.shuffle, used: used, places: places, inputs: inputs,
                            kernels: kernels)))
            }
        }
        guard firstKernels.count == 1, let firstKernel = firstKernels.first else {
            throw UnsupportedGraph(reason: "first convolutions of different sizes")
        }
        self.firstKernel = firstKernel
        self.layers = layers
        self.program = program.withoutWeights()
    }

    /// The places of the graph's channels among the padded channels of some values.
    private static func places(of sources: [Int], in program: FastProgram) -> [Int] {
        var places: [Int] = []
        var start = 0
        for source in sources {
            places += (0..<program.values[source].used).map { start + $0 }
            start += program.values[source].channels
        }
        return places
    }

    /// Parts of up to 64 outputs, in the order of the outputs. Outputs from `used` on are zero.
    private static func blocks(_ used: Int) -> [Range<Int>] {
        let padded = FastProgram.padded(used)
        return stride(from: 0, to: padded, by: 64).map { $0..<min($0 + 64, padded) }
    }

    private static func direct(_ weights: FoldedWeights, places: [Int], inputs: Int) -> [Part<DirectConvolution>] {
        blocks(weights.outputs).map { block in
            let chosen = block.map { $0 < weights.outputs ? $0 : -1 }
            let part = weights.rearranged(outputs: chosen, inputs: places, count: inputs)
            return Part(
                layer: DirectConvolution(weight: part.weight, bias: part.bias, slopes: part.slopes),
                first: block.lowerBound)
        }
    }

    /// - Parameter used: The number of channels after the pixel shuffle.
    private static func winograd(
        _ weights: FoldedWeights, ending: WinogradConvolution.Ending, shuffle: Int, used: Int, places: [Int],
        inputs: Int, kernels: ConvolutionKernels
    ) -> [Part<WinogradConvolution>] {
        let phases = shuffle * shuffle
        let arrangement: WinogradConvolution.Arrangement =
            switch shuffle {
            case 2: .shuffled
            case 3: .shuffledByThree
            default: .plain
            }
        func part(_ channels: Range<Int>, groups: Int) -> Part<WinogradConvolution> {
            // The pixel shuffle's channel c of pixel p is output c * phases + p of the convolution. The kernel wants all
            // channels of a pixel together.
            let chosen = (0..<phases).flatMap { phase in channels.map { $0 < used ? $0 * phases + phase : -1 } }
            let folded = weights.rearranged(outputs: chosen, inputs: places, count: inputs)
            return Part(
                layer: WinogradConvolution(
                    weight: folded.weight, bias: folded.bias, slopes: folded.slopes, ending: ending, groups: groups,
                    arrangement: arrangement, kernels: kernels),
                first: channels.lowerBound)
        }
        let blocks = blocks(used)
        if shuffle > 1 { return blocks.map { part($0, groups: phases) } }
        // Groups of one layer share the transforms of the input.
        let whole = blocks.filter { $0.count == 64 }
        var parts: [Part<WinogradConvolution>] = []
        if !whole.isEmpty { parts.append(part(0..<64 * whole.count, groups: whole.count)) }
        for rest in blocks where rest.count < 64 { parts.append(part(rest, groups: 1)) }
        return parts
    }

    /// The size of the kernels' scratch memory in floats.
    var scratchCount: Int {
        layers.map { layer in
            if case .winograd(let parts) = layer { parts.map(\.layer.scratchCount).max() ?? 0 } else { 0 }
        }.max() ?? 0
    }

    /// The bytes of memory that a tile needs for each of its pixels, approximately.
    public var bytesPerPixel: Int {
        program.buffers.reduce(0, +) * MemoryLayout<Float>.stride / (program.multiple * program.multiple)
    }

    /// Allocates the memory for tiles up to the given size, in pixels of the input.
    ///
    /// - Parameter threads: The number of threads that may share the work on a tile.
    public func makeMemory(maximumWidth: Int, maximumHeight: Int, threads: Int) -> FastExecutorMemory {
        FastExecutorMemory(for: self, maximumWidth: maximumWidth, maximumHeight: maximumHeight, threads: threads)
    }
}

extension FastProgram {
    /// The program without its weights, which are only needed until they are packed.
    func withoutWeights() -> FastProgram {
        var program = self
        let none = FoldedWeights(weight: Tensor(shape: [0, 0, 0, 0]), bias: [], slopes: nil)
        for index in steps.indices {
            switch steps[index].work {
            case .first: program.steps[index].work = .first(none)
            case .pointwise: program.steps[index].work = .pointwise(none)
            case .convolution(_, let ending): program.steps[index].work = .convolution(none, ending: ending)
            case .sum: break
            }
        }
        return program
    }
}
