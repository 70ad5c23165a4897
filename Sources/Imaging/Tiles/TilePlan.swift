/// How an image is cut into overlapping tiles: pure geometry.
///
/// The kept regions form a grid that covers the image once; each tile reads `overlap` pixels more to each side, as far
/// as the image goes. The cuts are even (640 in at most 192 is 4 x 160, not 3 x 192 and 64), because a thin last
/// column would pay for its overlap with hardly a pixel kept. Only the last row of tiles may be lower than the others: see
/// `tapered`.
public struct TilePlan: Sendable, Hashable {
    /// The image's width in pixels.
    public let imageWidth: Int
    /// The image's height in pixels.
    public let imageHeight: Int
    /// How many pixels around the kept ones a tile reads.
    public let overlap: Int
    /// How many tiles stand side by side.
    public let columns: Int
    /// How many rows of tiles there are.
    public let bands: Int
    /// What all rows of tiles but the last keep, if the last is lower; nil for even cuts.
    private let bandHeight: Int?

    /// Cuts an image into tiles that keep at most `tileWidth` x `tileHeight` pixels.
    public init(imageWidth: Int, imageHeight: Int, tileWidth: Int, tileHeight: Int, overlap: Int) {
        precondition(tileWidth > 0 && tileHeight > 0, "a tile has at least one pixel")
        self.init(
            imageWidth: imageWidth, imageHeight: imageHeight,
            columns: (imageWidth + tileWidth - 1) / tileWidth, bands: (imageHeight + tileHeight - 1) / tileHeight,
            overlap: overlap)
    }

    /// Cuts an image into a grid of so many tiles.
    public init(imageWidth: Int, imageHeight: Int, columns: Int, bands: Int, overlap: Int) {
        self.init(
            imageWidth: imageWidth, imageHeight: imageHeight, columns: columns, bands: bands, bandHeight: nil,
            overlap: overlap)
    }

    private init(imageWidth: Int, imageHeight: Int, columns: Int, bands: Int, bandHeight: Int?, overlap: Int) {
        precondition(imageWidth > 0 && imageHeight > 0, "an image has at least one pixel")
        precondition((1...imageWidth).contains(columns) && (1...imageHeight).contains(bands), "no tile is empty")
        precondition(overlap >= 0, "an overlap is not negative")
        self.imageWidth = imageWidth
        self.imageHeight = imageHeight
        self.columns = columns
        self.bands = bands
        self.bandHeight = bandHeight
        self.overlap = overlap
    }

    /// The same grid with a last row of tiles a third as high as the others, or as near to that as `maximumBandHeight` allows.
    ///
    /// At the end of an image a thread has nothing to do while another computes the last tile, and the last row of tiles is
    /// encoded when nothing else is left to do. Low tiles make both short, and cost nothing: there are no more of them.
    func tapered(maximumBandHeight: Int) -> TilePlan {
        guard bands > 1 else { return self }
        let height = min(maximumBandHeight, (3 * imageHeight + 3 * bands - 3) / (3 * bands - 2))
        guard (bands - 1) * height < imageHeight, height >= (imageHeight + bands - 1) / bands else { return self }
        return TilePlan(
            imageWidth: imageWidth, imageHeight: imageHeight, columns: columns, bands: bands, bandHeight: height,
            overlap: overlap)
    }

    /// How many tiles there are.
    public var count: Int { columns * bands }

    /// The tile at a place in the order of work.
    public subscript(index: Int) -> Tile {
        precondition((0..<count).contains(index), "tile \(index) of \(count)")
        let band = index / columns
        let horizontal = Self.range(index % columns, of: columns, in: imageWidth)
        let vertical = keptRows(ofBand: band)
        let keep = PixelRegion(
            x: horizontal.lowerBound, y: vertical.lowerBound, width: horizontal.count, height: vertical.count)
        return Tile(
            index: index, band: band,
            input: keep.grown(by: overlap, imageWidth: imageWidth, imageHeight: imageHeight), keep: keep)
    }

    /// The rows of the image that a row of tiles keeps.
    public func keptRows(ofBand band: Int) -> Range<Int> {
        guard let bandHeight else { return Self.range(band, of: bands, in: imageHeight) }
        return band * bandHeight..<(band == bands - 1 ? imageHeight : (band + 1) * bandHeight)
    }

    /// The rows of the image that a row of tiles reads, with an overlap of its own where one is given.
    public func inputRows(ofBand band: Int, overlap: Int? = nil) -> Range<Int> {
        let margin = overlap ?? self.overlap
        let kept = keptRows(ofBand: band)
        return max(0, kept.lowerBound - margin)..<min(imageHeight, kept.upperBound + margin)
    }

    /// The widest input region of all tiles.
    public var maximumInputWidth: Int { min(imageWidth, maximumKeptWidth + 2 * overlap) }

    /// The highest input region of all tiles.
    public var maximumInputHeight: Int { min(imageHeight, maximumKeptHeight + 2 * overlap) }

    /// The widest kept region of all tiles.
    public var maximumKeptWidth: Int { Self.longest(columns, in: imageWidth) }

    /// The highest kept region of all tiles.
    public var maximumKeptHeight: Int { bandHeight ?? Self.longest(bands, in: imageHeight) }

    /// The part `index` of a length that is cut into `count` parts whose lengths differ by one at most.
    private static func range(_ index: Int, of count: Int, in length: Int) -> Range<Int> {
        (index * length / count)..<((index + 1) * length / count)
    }

    private static func longest(_ count: Int, in length: Int) -> Int { (length + count - 1) / count }
}
