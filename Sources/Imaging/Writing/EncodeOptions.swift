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
    /// PNG's defaults were measured on two upscaled photographs, one thread. 16 megapixels at level 2: 0.91 s and 16.5 MB with the
    /// "average" filter, 1.05 s and 17.3 MB with "up", 0.88 s and 18.6 MB with "sub". 4 megapixels: level 1 with "average" 0.28 s,
    /// 5.0 MB, level 2 0.23 s, 4.8 MB; without a filter 0.38 s, 10 MB; level 6 with all filters, as many programs do, 1.8 s, 4.4 MB.
    public init(quality: Int = 90, compression: Int = 2, pngFilter: Int = 64) {
        self.quality = quality
        self.compression = compression
        self.pngFilter = pngFilter
    }
}
