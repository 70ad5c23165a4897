/// One piece of an image: what goes into the network, and which part of the result is used.
public struct Tile: Sendable, Hashable {
    /// The tile's place in the order of work, from the top in rows.
    public let index: Int
    /// Which row of tiles it belongs to.
    public let band: Int
    /// The pixels to be read: the kept ones and the overlap, cut at the image's edges.
    public let input: PixelRegion
    /// The pixels whose upscaling is used. The kept regions of a plan cover each pixel once.
    public let keep: PixelRegion

    /// The kept region, counted from the input's left upper corner.
    public var keepInInput: PixelRegion { keep.relative(to: input) }
}
