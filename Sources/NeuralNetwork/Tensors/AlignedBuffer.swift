import Glibc

/// Numbers at a fixed address, aligned for the kernels and zero at first.
public final class AlignedBuffer: @unchecked Sendable {
    // Invariant: whoever writes to it is its only user (a workspace, or an initialiser before anyone else sees it).

    /// The first number.
    public let start: UnsafeMutablePointer<Float>
    /// How many numbers there are.
    public let count: Int

    /// Large buffers ask for pages of this size: the planes of a transform lie in more pages than the processor's first
    /// table of addresses has places.
    private static let hugePage = 2 << 20

    /// Allocates `count` zeros.
    public init(count: Int) {
        let size = max(1, count) * MemoryLayout<Float>.stride
        let isLarge = size >= 2 * Self.hugePage
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: isLarge ? Self.hugePage : 64)
        // Advice only: without huge pages everything is merely some percent slower.
        if isLarge { madvise(bytes, size, MADV_HUGEPAGE) }
        start = bytes.bindMemory(to: Float.self, capacity: max(1, count))
        start.initialize(repeating: 0, count: count)
        self.count = count
    }

    /// Copies numbers.
    public convenience init(_ values: [Float]) {
        self.init(count: values.count)
        for (i, value) in values.enumerated() { start[i] = value }
    }

    deinit {
        UnsafeMutableRawPointer(start).deallocate()
    }
}
