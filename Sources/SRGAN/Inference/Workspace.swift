/// The memory of one thread's upscaling, allocated once.
///
/// Made by `LoadedGenerator.makeWorkspace`; belongs to that generator.
public final class Workspace: @unchecked Sendable {
    // Invariant: used by one thread at a time. A workspace may be made on one thread and used on another, but two calls of
    // `upscale` never share one.

    /// The widest tile that fits.
    public let maximumWidth: Int
    /// The highest tile that fits.
    public let maximumHeight: Int

    /// The fast path's memory; nil for networks that run on the general path.
    let fast: FastMemory?

    init(maximumWidth: Int, maximumHeight: Int, fast: FastMemory?) {
        precondition(maximumWidth > 0 && maximumHeight > 0)
        self.maximumWidth = maximumWidth
        self.maximumHeight = maximumHeight
        self.fast = fast
    }
}
