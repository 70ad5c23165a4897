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
    /// Rings at twice the resolution: the first upsampling; the second before its shuffle; the last convolution before its.
    let doubled, unshuffled, result: RowTable

    private let arena: AlignedBuffer
    private let margin: Int

    init(for generator: FastGenerator, maximumWidth width: Int, maximumHeight height: Int) {
        margin = generator.first.kernel / 2
        let channels = generator.channels
        let doubledRow = 2 * width * channels
        let counts = [
            Self.inputRow(width: width, margin: margin) * (height + 2 * margin + 1),
            generator.scratchCount,
            width * height * channels, width * height * channels, width * height * channels,
            FastGenerator.ring * doubledRow,
            FastGenerator.ring * 4 * doubledRow,
            FastGenerator.strip * 2 * width * 16,
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
        doubled = RowTable(start: take(5), row: doubledRow, count: 2 * height, capacity: FastGenerator.ring)
        unshuffled = RowTable(start: take(6), row: 4 * doubledRow, count: 2 * height, capacity: FastGenerator.ring)
        result = RowTable(start: take(7), row: 2 * width * 16, count: 2 * height, capacity: FastGenerator.strip)
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
