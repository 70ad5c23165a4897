/// The place of a thread among those that share loops.
public struct LoopSharer: Sendable {
    /// The loops.
    public let loops: SharedLoops
    /// The thread's index.
    public let thread: Int

    /// The place of a thread that offers its loops.
    public init(_ loops: SharedLoops, thread: Int) {
        (self.loops, self.thread) = (loops, thread)
    }

    /// A thread that works alone.
    public static var alone: LoopSharer { LoopSharer(SharedLoops(threads: 1), thread: 0) }

    /// The number of threads whose memory the loops need.
    public var threads: Int { loops.threads }

    /// Calls `body` for parts of a range; see `SharedLoops.run`.
    public func run(_ range: Range<Int>, unit: Int, _ body: (Range<Int>, _ thread: Int) -> Void) {
        loops.run(range, unit: unit, as: thread, body)
    }

    /// Calls `body` for parts of a region, each with some of the region's rows. A part begins at a whole number of
    /// Winograd tiles from the region's start, so that the tiles are the same for any parts.
    public func rows(of region: KernelRegion, _ body: (KernelRegion, _ thread: Int) -> Void) {
        run(region.y, unit: Self.rowUnit) { rows, thread in
            body(KernelRegion(x: region.x, y: rows), thread)
        }
    }

    /// Two rows of Winograd tiles; a product of the fast kernels has many more tiles than one row of a small region.
    private static let rowUnit = 8
}
