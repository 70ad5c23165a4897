/// The memory that one thread needs to run a fast executor on tiles up to a maximum size, allocated once.
public final class FastExecutorMemory: @unchecked Sendable {
    // Invariant: only one thread at a time uses this memory.

    /// The rows of a value, and the number of floats from one pixel to the next.
    struct View {
        let rows: RowTable
        let pixel: Int
    }

    /// The image, padded and unshuffled, in planes; unused if it needs neither.
    let planes: AlignedBuffer
    /// The image with interleaved channels and a margin of zeros.
    let image: AlignedBuffer
    /// The number of floats from one row of the image to the next.
    let imageRow: Int
    let scratch: AlignedBuffer
    /// For each value, its rows.
    let values: [View]
    /// For each step, the rows that its parts write. The rows of a part begin with the part's first channel.
    let outputs: [[RowTable]]
    /// For each step, the rows of the value that its parts add. The rows of a part begin with the part's first channel.
    let skips: [[RowTable]]
    /// For each step of the tail, the number of rows up to which it has computed its output.
    var done: [Int]

    private let buffers: [AlignedBuffer]

    init(for executor: FastExecutor, maximumWidth: Int, maximumHeight: Int) {
        let program = executor.program
        let width = (maximumWidth + program.multiple - 1) / program.multiple
        let height = (maximumHeight + program.multiple - 1) / program.multiple
        let channels = program.imageChannels * program.multiple * program.multiple
        let margin = executor.firstKernel / 2
        planes = AlignedBuffer(count: program.multiple > 1 ? channels * width * height : 0)
        imageRow = channels * (width + 2 * margin + DirectConvolution.overhang)
        image = AlignedBuffer(count: imageRow * (height + 2 * margin + 1))
        scratch = AlignedBuffer(count: executor.scratchCount)
        done = [Int](repeating: 0, count: program.tail)

        // A convolution of kernel size 1 may read some pixels beyond the end of the last row.
        let slack = DirectConvolution.overhang * (program.storages.map(\.channels).max() ?? 0)
        var buffers = program.buffers.map { AlignedBuffer(count: $0 == 0 ? 0 : $0 * width * height + slack) }
        // Where each value starts, its row length, and the number of its rows in memory.
        var starts: [(UnsafeMutablePointer<Float>, row: Int, pixel: Int, count: Int, capacity: Int)] = []
        let tailOutputs = Set(program.steps.suffix(program.tail).map(\.output))
        for (index, value) in program.values.enumerated() {
            let count = height * value.resolution
            if tailOutputs.contains(index) {
                let step = program.steps.first { $0.output == index }!
                // The ring holds what the next step reads at once and what this step may have computed beyond that.
                let capacity = FastExecutor.strip * (1 + step.shuffle) + 8
                let last = program.values[program.steps[program.steps.count - 1].output].resolution
                let column = min(width * last, FastExecutor.column + 1)
                // On each side, every later step reads one more pixel, and a pixel shuffle adds whole blocks.
                let row = (min(width, column / last + 8) * value.resolution) * value.channels
                buffers.append(AlignedBuffer(count: row * capacity))
                starts.append((buffers[buffers.count - 1].start, row, value.channels, count, capacity))
            } else {
                let storage = program.storages[value.storage]
                let row = width * storage.resolution * storage.channels
                starts.append(
                    (buffers[storage.buffer].start + value.offset, row, storage.channels, count, max(1, count)))
            }
        }
        self.buffers = buffers
        values = starts.map {
            View(rows: RowTable(start: $0.0, row: $0.row, count: $0.count, capacity: $0.capacity), pixel: $0.pixel)
        }
        func tables(of value: Int, _ layers: FastExecutor.Layers) -> [RowTable] {
            let start = starts[value]
            let firsts: [Int] =
                switch layers {
                case .direct(let parts): parts.map(\.first)
                case .winograd(let parts): parts.map(\.first)
                case .sum: []
                }
            return firsts.map {
                RowTable(start: start.0 + $0, row: start.row, count: start.count, capacity: start.capacity)
            }
        }
        outputs = zip(program.steps, executor.layers).map { tables(of: $0.output, $1) }
        skips = zip(program.steps, executor.layers).map { step, layers in
            step.skip.map { tables(of: $0, layers) } ?? []
        }
    }
}
