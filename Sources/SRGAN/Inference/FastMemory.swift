import NeuralNetwork

/// Everything that the fast path writes to, for tiles up to a size: one allocation, and tables of rows into it.
final class FastMemory: @unchecked Sendable {
    // Invariant: used by one thread at a time, as the workspace that owns it.

    /// The input, interleaved and padded.
    let input: UnsafeMutablePointer<Float>
    /// The kernels' own.
    let scratch: UnsafeMutablePointer<Float>
    /// At the tile's resolution: the output of the first convolution, which the end of the trunk needs again; the running sum
    /// of the blocks; what is between a block's convolutions.
    let head, trunk, inner: RowTable
    /// Rings at twice the resolution, as wide as a column: the first upsampling; the second before its shuffle; the last
    /// convolution before its.
    let doubled, unshuffled, result: RowTable

    private let arena: AlignedBuffer
    private let margin: Int
    private let channels: Int

    init(for generator: FastGenerator, maximumWidth width: Int, maximumHeight height: Int) {
        margin = generator.first.kernel / 2
        channels = generator.channels
        let column = min(width, FastGenerator.column)
        // To each side the first upsampling makes two pixels more than are kept, the second two at twice the resolution.
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
        // Each part starts on a cache line of its own.
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

    /// Lets the rings begin at these pixels of their rows.
    func moveRings(first: Int, second: Int, last: Int) {
        doubled.move(to: first * channels)
        unshuffled.move(to: second * 4 * channels)
        result.move(to: last * 16)
    }

    private static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }

    private static func inputRow(width: Int, margin: Int) -> Int {
        3 * (width + 2 * margin + DirectConvolution.overhang)
    }

    /// The distance between rows of the padded input.
    func inputRow(width: Int) -> Int {
        Self.inputRow(width: width, margin: margin)
    }
}
