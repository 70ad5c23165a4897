import NeuralNetwork

/// The memory of a fast generator for tiles up to a maximum size: one allocation and the row tables that point into
/// it.
final class FastMemory: @unchecked Sendable {
    // Invariant: the memory belongs to one workspace, and only one thread at a time uses a workspace.

    /// The input, with interleaved channels and a margin of zeros on each side.
    let input: UnsafeMutablePointer<Float>
    /// Scratch memory for the kernels.
    let scratch: UnsafeMutablePointer<Float>
    /// Buffers at the tile's resolution. `head` holds the output of the first convolution, which is added again after
    /// the residual blocks; `trunk` holds the output of the latest residual block; `inner` holds the activations
    /// between the two convolutions of a block and, later, the input of the tail.
    let head, trunk, inner: RowTable
    /// Ring buffers at twice the tile's resolution, one column wide. `doubled` holds the output of the first
    /// upsampling; `unshuffled` holds the output of the second upsampling before its pixel shuffle; `result` holds the
    /// output of the last convolution, which is also computed before that shuffle.
    let doubled, unshuffled, result: RowTable

    private let arena: AlignedBuffer
    private let margin: Int
    private let channels: Int

    init(for generator: FastGenerator, maximumWidth width: Int, maximumHeight height: Int) {
        margin = generator.first.kernel / 2
        channels = generator.channels
        let column = min(width, FastGenerator.column)
        // On each side of the column, the first upsampling computes two more pixels of the tile. The second computes
        // two more pixels at twice the resolution.
        let (firstRow, secondRow, lastRow) = (
            2 * (column + 4) * channels, (2 * column + 4) * 4 * channels, 2 * column * 16
        )
        let counts = [
            Self.inputRow(width: width, margin: margin) * (height + 2 * margin + 1),
            generator.scratchCount,
            width * height * channels, width * height * channels, width * height * channels,
            FastGenerator.firstRing * firstRow,
            FastGenerator.secondRing * secondRow,
            FastGenerator.strip * lastRow,
        ]
        // The size of each buffer is rounded up, so that no two buffers share a cache line.
        arena = AlignedBuffer(count: counts.reduce(0) { $0 + Self.aligned($1) })
        var next = arena.start
        func take(_ part: Int) -> UnsafeMutablePointer<Float> {
            defer { next += Self.aligned(counts[part]) }
            return next
        }
        input = take(0)
        scratch = take(1)
        let row = width * channels
        head = RowTable(start: take(2), row: row, count: height, capacity: height)
        trunk = RowTable(start: take(3), row: row, count: height, capacity: height)
        inner = RowTable(start: take(4), row: row, count: height, capacity: height)
        doubled = RowTable(start: take(5), row: firstRow, count: 2 * height, capacity: FastGenerator.firstRing)
        unshuffled = RowTable(start: take(6), row: secondRow, count: 2 * height, capacity: FastGenerator.secondRing)
        result = RowTable(start: take(7), row: lastRow, count: 2 * height, capacity: FastGenerator.strip)
    }

    /// Makes the rows of each ring buffer start at its new x coordinate, which is counted at twice the tile's
    /// resolution.
    func moveRings(first: Int, second: Int, last: Int) {
        doubled.move(to: first * channels)
        unshuffled.move(to: second * 4 * channels)
        result.move(to: last * 16)
    }

    private static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }

    private static func inputRow(width: Int, margin: Int) -> Int {
        3 * (width + 2 * margin + DirectConvolution.overhang)
    }

    /// The number of floats from one row of the padded input to the next.
    func inputRow(width: Int) -> Int {
        Self.inputRow(width: width, margin: margin)
    }
}
