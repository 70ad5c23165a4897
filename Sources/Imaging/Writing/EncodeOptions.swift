/// Options for encoding a result.
public struct EncodeOptions: Sendable, Equatable {
    /// The quality of JPEG and WebP, 1 to 100.
    public var quality: Int
    /// The compression level of PNG (zlib's), 0 to 9.
    public var compression: Int
    /// The PNG row filters that libpng may choose from, as libpng's flag bits: 8 is "none", 16 "sub", 32 "up", 64
    /// "average", 248 all filters.
    public var pngFilter: Int

    /// Makes options.
    ///
    /// The defaults for PNG, level 2 and the filter "average", follow from encoding time and file size of two upscaled
    /// photographs, measured with one thread:
    ///
    /// - 16 megapixels, level 2: 0.91 s and 16.5 MB with "average", 1.05 s and 17.3 MB with "up", 0.88 s and 18.6 MB
    ///   with "sub".
    /// - 4 megapixels: 0.23 s and 4.8 MB with "average" at level 2, 0.28 s and 5.0 MB with "average" at level 1, 0.38 s
    ///   and 10 MB without a filter, 1.8 s and 4.4 MB with all filters at level 6, the settings of many programs.
    public init(quality: Int = 90, compression: Int = 2, pngFilter: Int = 64) {
        self.quality = quality
        self.compression = compression
        self.pngFilter = pngFilter
    }
}
