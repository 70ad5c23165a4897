import Imaging
import NeuralNetwork

/// A generator that the tiled upscaler can run.
///
/// The programs use `GeneratorChain`; tests use simpler upscalers instead.
public protocol TileGenerator: Sendable {
    /// The memory that one thread needs.
    associatedtype TileWorkspace

    /// The upscaling factor of width and height.
    var scale: Int { get }

    /// The number of input pixels around a region that can affect its output.
    var receptiveFieldRadius: Int { get }

    /// Allocates the memory for tiles up to the given size.
    ///
    /// - Parameter sharer: The place, among the threads that share the work on a tile, of the thread that will call
    ///   `upscale`.
    func makeWorkspace(maximumWidth: Int, maximumHeight: Int, sharer: LoopSharer) -> TileWorkspace

    /// Upscales a tile.
    ///
    /// - Parameters:
    ///   - input: `[3, height, width]`, sRGB values in [0, 1].
    ///   - keeping: The region, in input pixels, whose upscaling is needed.
    ///   - place: Where the tile lies in its image.
    ///   - output: `[3, scale * keeping.height, scale * keeping.width]`, nominally in [0, 1], not clamped.
    ///   - workspace: The calling thread's workspace.
    func upscale(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        place: TilePlace, into output: UnsafeMutableBufferPointer<Float>, workspace: TileWorkspace
    ) throws
}

extension LoadedGenerator: TileGenerator {
    /// Upscales a tile; its place makes no difference.
    public func upscale(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion, place: TilePlace,
        into output: UnsafeMutableBufferPointer<Float>, workspace: Workspace
    ) throws {
        try upscale(input, width: width, height: height, keeping: keeping, into: output, workspace: workspace)
    }
}
