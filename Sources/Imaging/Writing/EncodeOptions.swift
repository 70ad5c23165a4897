/// Options for encoding a result.
public struct EncodeOptions: Sendable, Equatable {
    /// The quality of JPEG and WebP, 1 to 100.
    public var quality: Int
    /// The compression level of PNG (zlib's), 0 to 9.
    public var compression: Int
    /// The row filters of PNG that libpng may choose from, as its flag bits: 8 is none, 248 is all.
    public var pngFilter: Int

    /// Makes options.
    ///
    /// The defaults for PNG were measured on two upscaled photographs with one thread. 16 megapixels at level 2: 0.91 s and
    /// 16.5 MB with the filter "average", 1.05 s and 17.3 MB with "up", 0.88 s and 18.6 MB with "sub". 4 megapixels with
    /// "average": 0.28 s and 5.0 MB at level 1, 0.23 s and 4.8 MB at level 2; 0.38 s and 10 MB without a filter; 1.8 s and
    /// 4.4 MB at level 6 with all filters, which many programs use.
    public init(quality: Int = 90, compression: Int = 2, pngFilter: Int = 64) {
        self.quality = quality
        self.compression = compression
        self.pngFilter = pngFilter
    }
}
