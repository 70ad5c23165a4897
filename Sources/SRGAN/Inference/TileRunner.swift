import Imaging

/// Runs a network with the fast kernels on one thread. It owns the memory for tiles up to a maximum size.
protocol TileRunner: AnyObject {
    /// Upscales a tile.
    ///
    /// - Parameters:
    ///   - input: `[channels, height, width]`, values in [0, 1].
    ///   - keeping: The region, in input pixels, whose upscaling is needed.
    ///   - output: `[channels, scale * keeping.height, scale * keeping.width]`, nominally in [0, 1].
    func upscale(
        _ input: UnsafePointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutablePointer<Float>)
}
