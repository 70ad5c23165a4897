/// The geometry of the overlapping tiles that an image is cut into.
///
/// The kept regions of the tiles form a grid that covers the image once. Each tile also reads `overlap` more pixels on
/// each side, but at most `BorderReflection.width` pixels beyond the image's edges. The cuts are even: with tiles of at
/// most 192 pixels, 640 pixels become 4 columns of 160 and not 3 columns of 192 and one of 64, because a narrow last
/// column would compute its whole overlap for few kept pixels. Only the last row of tiles may be less tall than the
/// other rows: see `tapered`.
public struct TilePlan: Sendable, Hashable {
    /// The image's width in pixels.
    public let imageWidth: Int
    /// The image's height in pixels.
    public let imageHeight: Int
    /// The number of pixels that a tile reads on each side of its kept region.
    public let overlap: Int
    /// The number of tiles in a row of tiles.
    public let columns: Int
    /// The number of rows of tiles.
    public let bands: Int
    /// The kept height of each row of tiles except the last one, if the last row is less tall; nil for even cuts.
    private let bandHeight: Int?

    /// Cuts an image into tiles that each keep at most `tileWidth` x `tileHeight` pixels.
    public init(imageWidth: Int, imageHeight: Int, tileWidth: Int, tileHeight: Int, overlap: Int) {
        precondition(tileWidth > 0 && tileHeight > 0, "a tile must have at least one pixel")
        self.init(
            imageWidth: imageWidth, imageHeight: imageHeight,
            columns: (imageWidth + tileWidth - 1) / tileWidth, bands: (imageHeight + tileHeight - 1) / tileHeight,
            overlap: overlap)
    }

    /// Cuts an image into a grid of `columns` x `bands` tiles.
    public init(imageWidth: Int, imageHeight: Int, columns: Int, bands: Int, overlap: Int) {
        self.init(
            imageWidth: imageWidth, imageHeight: imageHeight, columns: columns, bands: bands, bandHeight: nil,
            overlap: overlap)
    }

    private init(imageWidth: Int, imageHeight: Int, columns: Int, bands: Int, bandHeight: Int?, overlap: Int) {
        precondition(imageWidth > 0 && imageHeight > 0, "an image must have at least one pixel")
        precondition((1...imageWidth).contains(columns) && (1...imageHeight).contains(bands), "a tile is empty")
        precondition(overlap >= 0, "the overlap must not be negative")
        self.imageWidth = imageWidth
        self.imageHeight = imageHeight
        self.columns = columns
        self.bands = bands
        self.bandHeight = bandHeight
        self.overlap = overlap
    }

    /// The same grid, but with a last row of tiles that is a third as tall as the others, or as close to a third as
    /// the limits allow.
    ///
    /// At the end of an image, most threads are idle while one of them computes the last tile, and all threads are idle
    /// while the last row of tiles is encoded. A less tall last row shortens both times at no cost, because the number
    /// of tiles stays the same.
    func tapered(maximumBandHeight: Int, maximumArea: Int) -> TilePlan {
        guard bands > 1 else { return self }
        let highest = min(maximumBandHeight, maximumArea / maximumInputWidth - 2 * overlap)
        let height = min(highest, (3 * imageHeight + 3 * bands - 3) / (3 * bands - 2))
        guard (bands - 1) * height < imageHeight, height >= (imageHeight + bands - 1) / bands else { return self }
        return TilePlan(
            imageWidth: imageWidth, imageHeight: imageHeight, columns: columns, bands: bands, bandHeight: height,
            overlap: overlap)
    }

    /// The number of tiles.
    public var count: Int { columns * bands }

    /// The tile at an index in processing order.
    public subscript(index: Int) -> Tile {
        precondition((0..<count).contains(index), "there is no tile \(index) of \(count)")
        let band = index / columns
        let horizontal = Self.range(index % columns, of: columns, in: imageWidth)
        let vertical = keptRows(ofBand: band)
        let keep = PixelRegion(
            x: horizontal.lowerBound, y: vertical.lowerBound, width: horizontal.count, height: vertical.count)
        return Tile(
            index: index, band: band,
            input: keep.grown(by: overlap, imageWidth: imageWidth, imageHeight: imageHeight, beyond: reflection),
            keep: keep)
    }

    /// The number of pixels that tiles read beyond the image's edges.
    private var reflection: Int { min(overlap, BorderReflection.width) }

    /// The image rows in the kept regions of a row of tiles.
    public func keptRows(ofBand band: Int) -> Range<Int> {
        guard let bandHeight else { return Self.range(band, of: bands, in: imageHeight) }
        return band * bandHeight..<(band == bands - 1 ? imageHeight : (band + 1) * bandHeight)
    }

    /// The rows of the image that the input regions of a row of tiles contain. If `overlap` is given, it replaces the
    /// plan's overlap.
    public func inputRows(ofBand band: Int, overlap: Int? = nil) -> Range<Int> {
        let margin = overlap ?? self.overlap
        let kept = keptRows(ofBand: band)
        return max(0, kept.lowerBound - margin)..<min(imageHeight, kept.upperBound + margin)
    }

    /// The largest width of all input regions.
    public var maximumInputWidth: Int { min(imageWidth + 2 * reflection, maximumKeptWidth + 2 * overlap) }

    /// The largest height of all input regions.
    public var maximumInputHeight: Int { min(imageHeight + 2 * reflection, maximumKeptHeight + 2 * overlap) }

    /// The largest width of all kept regions.
    public var maximumKeptWidth: Int { Self.longest(columns, in: imageWidth) }

    /// The largest height of all kept regions.
    public var maximumKeptHeight: Int { bandHeight ?? Self.longest(bands, in: imageHeight) }

    /// Part `index` of a length that is cut into `count` parts whose lengths differ by at most one.
    private static func range(_ index: Int, of count: Int, in length: Int) -> Range<Int> {
        (index * length / count)..<((index + 1) * length / count)
    }

    private static func longest(_ count: Int, in length: Int) -> Int { (length + count - 1) / count }
}
