import NeuralNetwork

/// The memory of a fast generator for tiles up to a maximum size.
final class FastMemory: @unchecked Sendable {
    // Invariant: the memory belongs to one workspace. The threads that share a loop of its owner write different rows,
    // and each of them uses its own `Lane`.

    /// The memory that each thread needs for itself.
    final class Lane {
        /// Scratch memory for the kernels.
        let scratch: UnsafeMutablePointer<Float>
        /// Ring buffers at twice the tile's resolution, one column wide. `doubled` holds the output of the first
        /// upsampling; `unshuffled` holds the output of the second upsampling before its pixel shuffle; `result` holds
        /// the output of the last convolution, which is also computed before that shuffle.
        let doubled, unshuffled, result: RowTable

        private let arena: Arena
        private let channels: Int

        init(for generator: FastGenerator, maximumWidth width: Int, maximumHeight height: Int) {
            channels = generator.channels
            let column = min(width, FastGenerator.column)
            // On each side of the column, the first upsampling computes two more pixels of the tile. The second
            // computes two more pixels at twice the resolution.
            let (firstRow, secondRow, lastRow) = (
                2 * (column + 4) * channels, (2 * column + 4) * 4 * channels, 2 * column * 16
            )
            arena = Arena([
                generator.scratchCount, FastGenerator.firstRing * firstRow, FastGenerator.secondRing * secondRow,
                FastGenerator.strip * lastRow,
            ])
            scratch = arena[0]
            doubled = RowTable(start: arena[1], row: firstRow, count: 2 * height, capacity: FastGenerator.firstRing)
            unshuffled = RowTable(
                start: arena[2], row: secondRow, count: 2 * height, capacity: FastGenerator.secondRing)
            result = RowTable(start: arena[3], row: lastRow, count: 2 * height, capacity: FastGenerator.strip)
        }

        /// Makes the rows of each ring buffer start at its new x coordinate, which is counted at twice the tile's
        /// resolution.
        func moveRings(first: Int, second: Int, last: Int) {
            doubled.move(to: first * channels)
            unshuffled.move(to: second * 4 * channels)
            result.move(to: last * 16)
        }
    }

    /// Several buffers in one allocation. Each size is rounded up, so that no two buffers share a cache line.
    private struct Arena {
        let buffer: AlignedBuffer
        let offsets: [Int]

        init(_ counts: [Int]) {
            let sizes = counts.map { ($0 + 15) / 16 * 16 }
            offsets = sizes.indices.map { sizes[..<$0].reduce(0, +) }
            buffer = AlignedBuffer(count: sizes.reduce(0, +))
        }

        subscript(index: Int) -> UnsafeMutablePointer<Float> { buffer.start + offsets[index] }
    }

    /// The input, with interleaved channels and a margin of zeros on each side.
    let input: UnsafeMutablePointer<Float>
    /// Buffers at the tile's resolution. `head` holds the output of the first convolution, which is added again after
    /// the residual blocks; `trunk` holds the output of the latest residual block; `inner` holds the activations
    /// between the two convolutions of a block and, later, the input of the tail.
    let head, trunk, inner: RowTable
    /// The lanes of the threads.
    let lanes: ThreadMemory<Lane>

    private let arena: Arena
    private let margin: Int

    init(for generator: FastGenerator, maximumWidth width: Int, maximumHeight height: Int, threads: Int) {
        margin = generator.first.kernel / 2
        let row = width * generator.channels
        arena = Arena([
            Self.inputRow(width: width, margin: margin) * (height + 2 * margin + 1), row * height, row * height,
            row * height,
        ])
        input = arena[0]
        head = RowTable(start: arena[1], row: row, count: height, capacity: height)
        trunk = RowTable(start: arena[2], row: row, count: height, capacity: height)
        inner = RowTable(start: arena[3], row: row, count: height, capacity: height)
        lanes = ThreadMemory(threads: threads) {
            Lane(for: generator, maximumWidth: width, maximumHeight: height)
        }
    }

    private static func inputRow(width: Int, margin: Int) -> Int {
        3 * (width + 2 * margin + DirectConvolution.overhang)
    }

    /// The number of floats from one row of the padded input to the next.
    func inputRow(width: Int) -> Int {
        Self.inputRow(width: width, margin: margin)
    }
}
