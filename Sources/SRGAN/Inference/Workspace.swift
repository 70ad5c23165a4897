/// The memory that a thread needs to upscale tiles.
///
/// `LoadedGenerator.makeWorkspace` makes a workspace, which is valid for that generator only.
public final class Workspace: @unchecked Sendable {
    // Invariant: only one thread at a time uses a workspace. A workspace may be created on one thread and used on
    // another, but concurrent calls of `upscale` never share one.

    /// The maximum tile width.
    public let maximumWidth: Int
    /// The maximum tile height.
    public let maximumHeight: Int

    /// The fast kernels with their memory; nil if the reference network runs.
    let runner: (any TileRunner)?

    init(maximumWidth: Int, maximumHeight: Int, runner: (any TileRunner)?) {
        precondition(maximumWidth > 0 && maximumHeight > 0)
        self.maximumWidth = maximumWidth
        self.maximumHeight = maximumHeight
        self.runner = runner
    }
}
