import Glibc

/// Floats at a fixed address, aligned for the kernels and initially zero.
public final class AlignedBuffer: @unchecked Sendable {
    // Invariant: while a thread writes to a buffer, no other thread uses it. The writers are workspaces, and
    // initialisers before any other code can use their buffer.

    /// The first float.
    public let start: UnsafeMutablePointer<Float>
    /// The number of floats.
    public let count: Int

    /// The size of a huge page in bytes. Large buffers request huge pages, because the planes of a Winograd transform
    /// touch more small pages than the first-level TLB has entries.
    private static let hugePage = 2 << 20

    /// Allocates `count` zeros.
    public init(count: Int) {
        let size = max(1, count) * MemoryLayout<Float>.stride
        let isLarge = size >= 2 * Self.hugePage
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: isLarge ? Self.hugePage : 64)
        // Linux may ignore this request; without huge pages everything runs a few percent slower.
        if isLarge { madvise(bytes, size, MADV_HUGEPAGE) }
        start = bytes.bindMemory(to: Float.self, capacity: max(1, count))
        start.initialize(repeating: 0, count: count)
        self.count = count
    }

    /// Copies an array.
    public convenience init(_ values: [Float]) {
        self.init(count: values.count)
        for (i, value) in values.enumerated() { start[i] = value }
    }

    deinit {
        UnsafeMutableRawPointer(start).deallocate()
    }
}
