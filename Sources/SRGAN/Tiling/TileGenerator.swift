import Imaging

/// What the tiled upscaler needs of a network.
///
/// `LoadedGenerator` is the one that counts; tests put plain upscalings in its place.
public protocol TileGenerator: Sendable {
    /// The memory of one thread.
    associatedtype TileWorkspace

    /// How many times wider the output is.
    var scale: Int { get }

    /// How many input pixels around a region are needed for the same result as on the whole image.
    var receptiveFieldRadius: Int { get }

    /// Allocates all memory that tiles up to the given size need.
    func makeWorkspace(maximumWidth: Int, maximumHeight: Int) -> TileWorkspace

    /// Upscales a tile.
    ///
    /// - Parameters:
    ///   - input: `[3, height, width]`, sRGB values in [0, 1].
    ///   - keeping: the region in input pixels whose upscaling is wanted.
    ///   - output: `[3, scale * keeping.height, scale * keeping.width]`, nominally in [0, 1], not clamped.
    ///   - workspace: the calling thread's memory.
    func upscale(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutableBufferPointer<Float>, workspace: TileWorkspace
    ) throws
}

extension LoadedGenerator: TileGenerator {}
