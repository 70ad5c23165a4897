/// A file format that can be read or written here.
public enum ImageFormat: String, Sendable, CaseIterable {
    /// JPEG: 8 bits, no alpha, 65,500 pixels a side at most.
    case jpeg
    /// PNG: 8 or 16 bits, with or without alpha.
    case png
    /// WebP: 8 bits, with or without alpha, 16,383 pixels a side at most.
    case webp
    /// TIFF: 8 or 16 bits, with or without alpha; read only when allowed.
    case tiff
    /// GIF: its first frame is read when allowed; never written.
    case gif

    /// The format that a file name's extension stands for; nil when for none that can be written.
    public init?(fileExtension: String) {
        switch fileExtension.lowercased() {
        case "jpg", "jpeg", "jpe", "jfif": self = .jpeg
        case "png": self = .png
        case "webp": self = .webp
        case "tif", "tiff": self = .tiff
        default: return nil
        }
    }

    /// The usual extension of a file of this format, without its dot.
    public var fileExtension: String {
        switch self {
        case .jpeg: "jpg"
        case .png: "png"
        case .webp: "webp"
        case .tiff: "tif"
        case .gif: "gif"
        }
    }

    /// The name that people know it by.
    public var displayName: String {
        switch self {
        case .jpeg: "JPEG"
        case .png: "PNG"
        case .webp: "WebP"
        case .tiff: "TIFF"
        case .gif: "GIF"
        }
    }

    /// The longest side that its encoder takes, in pixels.
    ///
    /// JPEG: libjpeg's limit; the format's is 65,535. WebP: the format's. PNG: libpng's user limit. TIFF: libvips' own.
    public var maximumSide: Int {
        switch self {
        case .jpeg: 65_500
        case .webp: 16_383
        case .png: 1_000_000
        case .tiff: 10_000_000
        case .gif: 65_535
        }
    }

    /// Whether it can hold an alpha channel.
    public var supportsAlpha: Bool { self != .jpeg }

    /// The most bits a channel.
    public var maximumBits: Int { self == .png || self == .tiff ? 16 : 8 }

    /// Whether images are written in it here.
    public var isWritable: Bool { self != .gif }

    /// The format that "same as the input" means: GIF's successor for what is not written is PNG.
    public var preferredOutput: ImageFormat { isWritable ? self : .png }

    /// Throws `outputTooLarge` when an image of this size cannot be written in this format.
    public func checkOutputSize(width: Int, height: Int) throws(ImagingError) {
        guard width <= maximumSide, height <= maximumSide else {
            throw ImagingError(
                .outputTooLarge,
                "The result would be \(width) x \(height) pixels, and \(displayName) ends at \(maximumSide) a side.")
        }
    }
}
