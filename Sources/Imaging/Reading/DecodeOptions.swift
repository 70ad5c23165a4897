/// Options for reading an input.
public struct DecodeOptions: Sendable {
    /// The accepted formats; files of other formats fail with `unsupportedFormat`.
    public var allowedFormats: Set<ImageFormat>
    /// The size limits.
    public var limits: ImageLimits
    /// Whether the image is flattened onto white, because the output has no alpha channel.
    public var flattensAlpha: Bool
    /// Images whose pixels take at most this many bytes are decoded completely before the first tile is computed.
    ///
    /// Then a file whose last rows are missing fails before any tile is computed, and not after almost all tiles.
    /// Larger images are decoded row by row as needed, so memory use does not grow with the image's height.
    public var decodeAheadLimit: Int

    /// Makes options. By default JPEG, PNG, WebP and TIFF are accepted.
    public init(
        allowedFormats: Set<ImageFormat> = [.jpeg, .png, .webp, .tiff], limits: ImageLimits = ImageLimits(),
        flattensAlpha: Bool = false, decodeAheadLimit: Int = 96 << 20
    ) {
        self.allowedFormats = allowedFormats
        self.limits = limits
        self.flattensAlpha = flattensAlpha
        self.decodeAheadLimit = decodeAheadLimit
    }
}
