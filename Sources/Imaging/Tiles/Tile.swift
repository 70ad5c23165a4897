/// One tile of an image: the region that the network reads, and the part of its result that is kept.
public struct Tile: Sendable, Hashable {
    /// The tile's index in processing order: row by row from the top.
    public let index: Int
    /// The index of the row of tiles that this tile belongs to.
    public let band: Int
    /// The region that the network reads: the kept region grown by the overlap. At the border of the image, it contains
    /// up to `BorderReflection.width` columns or rows beyond the image.
    public let input: PixelRegion
    /// The region whose result is kept. The kept regions of a plan cover each pixel exactly once.
    public let keep: PixelRegion

    /// The kept region in coordinates of the input region.
    public var keepInInput: PixelRegion { keep.relative(to: input) }
}
