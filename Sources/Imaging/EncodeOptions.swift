/// How a result is to be written.
public struct EncodeOptions: Sendable, Equatable {
    /// JPEG and WebP: 1 to 100.
    public var quality: Int
    /// PNG: zlib's level, 0 to 9.
    public var compression: Int
    /// PNG: which row filters libpng may choose from, as its flag bits; 8 is none, 248 all of them.
    public var pngFilter: Int

    /// Makes options.
    public init(quality: Int = 90, compression: Int = 3, pngFilter: Int = 8) {
        self.quality = quality
        self.compression = compression
        self.pngFilter = pngFilter
    }
}
