/// The memory that a fast executor needs for tiles up to a maximum size.
public final class FastExecutorMemory: @unchecked Sendable {
    // Invariant: only one thread at a time computes a tile in this memory. The threads that share a loop of this thread
    // write different rows, and each of them uses its own `Lane`.

    /// The rows of a value, and the number of floats from one pixel to the next.
    struct View {
        let rows: RowTable
        let pixel: Int
    }

    /// Where a value starts, its row length, the number of its rows and the number of those in memory.
    fileprivate struct Place {
        let start: UnsafeMutablePointer<Float>
        let row: Int, pixel: Int, count: Int, capacity: Int

        /// The rows, from channel `first` on.
        func table(from first: Int = 0) -> RowTable {
            RowTable(start: start + first, row: row, count: count, capacity: capacity)
        }
    }

    /// The memory that each thread needs for itself, and the rows of all values as the thread sees them. Threads see
    /// the same rows, except for the ring buffers of the tail.
    final class Lane {
        let scratch: AlignedBuffer
        /// For each value, its rows.
        let values: [View]
        /// For each step, the rows that its parts write. The rows of a part begin with the part's first channel.
        let outputs: [[RowTable]]
        /// For each step, the rows of the value that its parts add. The rows of a part begin with the part's first
        /// channel.
        let skips: [[RowTable]]
        /// For each step of the tail, the number of rows up to which it has computed its output.
        var done: [Int]

        private let rings: [AlignedBuffer]

        /// - Parameters:
        ///   - shared: The places of the values; nil for those in ring buffers.
        ///   - width: The width of the network's smallest image, likewise `height`.
        fileprivate init(for executor: FastExecutor, shared: [Place?], width: Int, height: Int) {
            let program = executor.program
            scratch = AlignedBuffer(count: executor.scratchCount)
            done = [Int](repeating: 0, count: program.tail)
            var rings: [AlignedBuffer] = []
            let places = shared.enumerated().map { index, place in
                if let place { return place }
                let value = program.values[index]
                let step = program.steps.first { $0.output == index }!
                // The ring holds what the next step reads at once and what this step may have computed beyond that.
                let capacity = FastExecutor.strip * (1 + step.shuffle) + 8
                let last = program.values[program.steps[program.steps.count - 1].output].resolution
                let column = min(width * last, FastExecutor.column + 1)
                // On each side, every later step reads one more pixel, and a pixel shuffle adds whole blocks.
                let row = (min(width, column / last + 8) * value.resolution) * value.channels
                rings.append(AlignedBuffer(count: row * capacity))
                return Place(
                    start: rings[rings.count - 1].start, row: row, pixel: value.channels,
                    count: height * value.resolution, capacity: capacity)
            }
            self.rings = rings
            values = places.map { View(rows: $0.table(), pixel: $0.pixel) }
            func tables(of value: Int, _ layers: FastExecutor.Layers) -> [RowTable] {
                let firsts: [Int] =
                    switch layers {
                    case .direct(let parts): parts.map(\.first)
                    case .winograd(let parts): parts.map(\.first)
                    case .sum: []
                    }
                return firsts.map { places[value].table(from: $0) }
            }
            outputs = zip(program.steps, executor.layers).map { tables(of: $0.output, $1) }
            skips = zip(program.steps, executor.layers).map { step, layers in
                step.skip.map { tables(of: $0, layers) } ?? []
            }
        }
    }

    /// The image, padded and unshuffled, in planes; unused if it needs neither.
    let planes: AlignedBuffer
    /// The image with interleaved channels and a margin of zeros.
    let image: AlignedBuffer
    /// The number of floats from one row of the image to the next.
    let imageRow: Int
    /// The lanes of the threads.
    let lanes: ThreadMemory<Lane>

    private let buffers: [AlignedBuffer]

    init(for executor: FastExecutor, maximumWidth: Int, maximumHeight: Int, threads: Int) {
        let program = executor.program
        let width = (maximumWidth + program.multiple - 1) / program.multiple
        let height = (maximumHeight + program.multiple - 1) / program.multiple
        let channels = program.imageChannels * program.multiple * program.multiple
        let margin = executor.firstKernel / 2
        planes = AlignedBuffer(count: program.multiple > 1 ? channels * width * height : 0)
        imageRow = channels * (width + 2 * margin + DirectConvolution.overhang)
        image = AlignedBuffer(count: imageRow * (height + 2 * margin + 1))

        // A convolution of kernel size 1 may read some pixels beyond the end of the last row.
        let slack = DirectConvolution.overhang * (program.storages.map(\.channels).max() ?? 0)
        let buffers = program.buffers.map { AlignedBuffer(count: $0 == 0 ? 0 : $0 * width * height + slack) }
        let tailOutputs = Set(program.steps.suffix(program.tail).map(\.output))
        let places: [Place?] = program.values.enumerated().map { index, value in
            if tailOutputs.contains(index) { return nil }
            let storage = program.storages[value.storage]
            let count = height * value.resolution
            return Place(
                start: buffers[storage.buffer].start + value.offset,
                row: width * storage.resolution * storage.channels, pixel: storage.channels, count: count,
                capacity: max(1, count))
        }
        self.buffers = buffers
        lanes = ThreadMemory(threads: threads) {
            Lane(for: executor, shared: places, width: width, height: height)
        }
    }
}
