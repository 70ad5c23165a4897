import Imaging

/// How an image is cut and by how many threads its tiles are computed.
public struct TileSettings: Sendable, Equatable {
    /// How much of the image around its kept pixels a tile reads.
    public enum Overlap: Sendable, Equatable {
        /// So many pixels to each side.
        case pixels(Int)
        /// As many as can change the kept ones: the result equals that of the whole image in one piece.
        case exact
    }

    /// The longest side of a tile's kept region; nil chooses by the image and the threads.
    public var tile: Int?
    /// The overlap.
    public var overlap: Overlap
    /// How many tiles are computed at the same time.
    public var threads: Int

    /// The default overlap: no 8-bit value of the shipped models changes, at half of the exact overlap's cost.
    public static let defaultOverlap = Overlap.pixels(20)

    /// The longest side of a tile when none is given.
    ///
    /// Larger tiles waste less overlap and cost more memory a thread. The 16-block generator on 1 megapixel, AVX-512, two
    /// threads, processor time and peak memory of the worker: 64: 34.5 s, 130 MB; 128: 27.3 s, 175 MB; 192: 24.2 s, 215 MB;
    /// 256: 22.8 s, 314 MB; 384: 22.6 s, 441 MB. Many threads get smaller tiles, so that a worker stays below 1 GiB.
    /// An overlap twice as wide as the default's wastes twice as much: by arithmetic, tiles of 256 compute 15 % more than the
    /// image in one piece then, and tiles of 384 10 %.
    static func automaticTile(threads: Int, overlap: Int) -> Int {
        switch threads {
        case ...2 where overlap > 30: 384
        case ...4: 256
        case ...8: 192
        default: 128
        }
    }

    /// Makes settings.
    public init(tile: Int? = nil, overlap: Overlap = defaultOverlap, threads: Int) {
        self.tile = tile
        self.overlap = overlap
        self.threads = threads
    }

    /// The plan for an image.
    ///
    /// - Parameter bandBytesPerRow: the bytes of output that one row of the input becomes; bounds the height of bands.
    package func plan(width: Int, height: Int, receptiveFieldRadius: Int, bandBytesPerRow: Int) -> TilePlan {
        let overlap =
            switch overlap {
            case .pixels(let count): count
            case .exact: receptiveFieldRadius
            }
        // Two bands of output are in memory at a time; colour images wider than some 8,000 pixels get flatter tiles.
        let maximumBandHeight = max(16, Self.maximumBandBytes / max(1, bandBytesPerRow))
        guard let tile else {
            return .automatic(
                imageWidth: width, imageHeight: height, overlap: overlap, threads: threads,
                maximumTile: Self.automaticTile(threads: threads, overlap: overlap),
                maximumBandHeight: maximumBandHeight)
        }
        return TilePlan(
            imageWidth: width, imageHeight: height, tileWidth: tile, tileHeight: min(tile, maximumBandHeight),
            overlap: overlap)
    }

    private static let maximumBandBytes = 96 << 20
}
