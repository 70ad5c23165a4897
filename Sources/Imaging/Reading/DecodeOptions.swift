/// Options for reading an input.
public struct DecodeOptions: Sendable {
    /// The accepted formats; files of other formats fail with `unsupportedFormat`.
    public var allowedFormats: Set<ImageFormat>
    /// The size limits.
    public var limits: ImageLimits
    /// Whether transparency is flattened onto white, for outputs without an alpha channel.
    public var flattensAlpha: Bool
    /// Images of at most this many bytes of pixels are decoded completely before the first tile.
    ///
    /// A file that is truncated in its last rows then fails at once, not after all its tiles. Larger images are decoded row
    /// by row as needed, so memory use stays flat.
    public var decodeAheadLimit: Int

    /// Makes options. By default JPEG, PNG and WebP are accepted.
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
