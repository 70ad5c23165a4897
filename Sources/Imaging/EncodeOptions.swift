/// How a result is to be written.
public struct EncodeOptions: Sendable, Equatable {
    /// JPEG and WebP: 1 to 100.
    public var quality: Int
    /// PNG: zlib's level, 0 to 9.
    public var compression: Int
    /// PNG: which row filters libpng may choose from, as its flag bits; 8 is none, 248 all of them.
    public var pngFilter: Int

    /// Makes options.
    ///
    /// PNG's defaults were measured on an enlarged photograph of 9 megapixels, one thread: level 2 with the "up" filter takes
    /// 0.39 s for 9.1 MB; without a filter 0.64 s for 20.2 MB; level 6 with all filters, as many programs do, 2.8 s for 8.4 MB.
    public init(quality: Int = 90, compression: Int = 2, pngFilter: Int = 32) {
        self.quality = quality
        self.compression = compression
        self.pngFilter = pngFilter
    }
}
