/// How an input is to be read.
public struct DecodeOptions: Sendable {
    /// The formats that are let in; a file of another one is `unsupportedFormat`.
    public var allowedFormats: Set<ImageFormat>
    /// What is too large.
    public var limits: ImageLimits
    /// Whether transparency is laid on white, for outputs that cannot hold it.
    public var flattensAlpha: Bool
    /// Up to how many bytes of pixels are decoded as a whole before the first tile.
    ///
    /// A file that turns out to be cut short at its last rows then fails at once rather than after all its tiles. What is
    /// larger is decoded in rows as they are needed, so that memory stays flat.
    public var decodeAheadLimit: Int

    /// Makes options; the defaults let in JPEG, PNG and WebP.
    public init(
        allowedFormats: Set<ImageFormat> = [.jpeg, .png, .webp], limits: ImageLimits = ImageLimits(),
        flattensAlpha: Bool = false, decodeAheadLimit: Int = 96 << 20
    ) {
        self.allowedFormats = allowedFormats
        self.limits = limits
        self.flattensAlpha = flattensAlpha
        self.decodeAheadLimit = decodeAheadLimit
    }
}
