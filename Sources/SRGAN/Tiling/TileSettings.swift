import Imaging

/// How an image is divided into tiles, and how many threads compute them.
public struct TileSettings: Sendable, Equatable {
    /// The number of pixels that a tile reads around its kept region, which is the part of the image that the tile
    /// contributes to the result.
    public enum Overlap: Sendable, Equatable {
        /// This many pixels on each side.
        case pixels(Int)
        /// As many pixels as the radius of the receptive field, so that, apart from rounding, the result equals that of
        /// upscaling the image without tiles.
        case exact
    }

    /// The maximum width and height of a tile's kept region; if nil, they are chosen from the image's size and the
    /// overlap.
    public var tile: Int?
    /// The most pixels of a tile that is chosen automatically, for models that need much memory; nil for no limit.
    public var maximumTileArea: Int?
    /// The most tiles that are computed at the same time; nil for one per thread.
    public var maximumConcurrentTiles: Int?
    /// The overlap.
    public var overlap: Overlap
    /// The number of threads that compute tiles or share the work on them.
    public var threads: Int

    /// The default overlap. It costs half as much as the exact overlap, and with the shipped models it gives the same
    /// 8-bit output.
    public static let defaultOverlap = Overlap.pixels(20)

    /// The side of a square tile's kept region, if no tile size is given and the tiles are many. It does not depend on
    /// the number of threads, so that the output does not either.
    ///
    /// Larger tiles compute fewer overlap pixels but need more memory per thread. Measured CPU time and peak memory of
    /// the worker by tile size, for the generator with 16 blocks on 1 megapixel with AVX-512 and two threads: 64 pixels:
    /// 34.5 s, 130 MB; 128: 27.3 s, 175 MB; 192: 24.2 s, 215 MB; 256: 22.8 s, 314 MB; 384: 22.6 s, 441 MB. With 224
    /// pixels, 16 threads need 860 MB for their tiles.
    static let automaticTile = 224
    /// The same for grids of few tiles.
    private static let automaticTileOfFew = 312

    /// Makes settings.
    public init(
        tile: Int? = nil, maximumTileArea: Int? = nil, maximumConcurrentTiles: Int? = nil,
        overlap: Overlap = defaultOverlap, threads: Int
    ) {
        self.tile = tile
        self.maximumTileArea = maximumTileArea
        self.maximumConcurrentTiles = maximumConcurrentTiles
        self.overlap = overlap
        self.threads = threads
    }

    /// Plans the tiles of an image.
    ///
    /// - Parameter bandBytesPerRow: The bytes of output for each input row; they limit the height of a band, which is
    ///   one row of tiles.
    package func plan(width: Int, height: Int, receptiveFieldRadius: Int, bandBytesPerRow: Int) -> TilePlan {
        let overlap =
            switch overlap {
            case .pixels(let count): count
            case .exact: receptiveFieldRadius
            }
        // At least two bands of output are in memory at a time, so the size of a band is limited. The tiles of colour
        // images wider than about 8,000 pixels therefore have a smaller height.
        let maximumBandHeight = max(16, Self.maximumBandBytes / max(1, bandBytesPerRow))
        guard let tile else {
            func area(_ side: Int) -> Int {
                let usual = (side + 2 * overlap) * (side + 2 * overlap)
                // A tile that is mostly overlap would compute each pixel many times.
                let least = (32 + 2 * overlap) * (32 + 2 * overlap)
                return max(least, min(usual, maximumTileArea ?? usual))
            }
            return .automatic(
                imageWidth: width, imageHeight: height, overlap: overlap, maximumArea: area(Self.automaticTile),
                maximumAreaOfFew: area(Self.automaticTileOfFew), maximumBandHeight: maximumBandHeight)
        }
        return TilePlan(
            imageWidth: width, imageHeight: height, tileWidth: tile, tileHeight: min(tile, maximumBandHeight),
            overlap: overlap)
    }

    /// The most bytes of a band's output.
    static let maximumBandBytes = 96 << 20
}
