/// Numbers at a fixed address, aligned for the kernels and zero at first.
public final class AlignedBuffer: @unchecked Sendable {
    // Invariant: whoever writes to it is its only user (a workspace, or an initialiser before anyone else sees it).

    /// The first number.
    public let start: UnsafeMutablePointer<Float>
    /// How many numbers there are.
    public let count: Int

    /// Allocates `count` zeros.
    public init(count: Int) {
        let bytes = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
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
