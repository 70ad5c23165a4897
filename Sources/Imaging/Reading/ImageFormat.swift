/// An image file format that can be read or written.
public enum ImageFormat: String, Sendable, CaseIterable {
    /// JPEG: 8 bits, no alpha, at most 65,500 pixels per side.
    case jpeg
    /// PNG: 8 or 16 bits, with or without alpha.
    case png
    /// WebP: 8 bits, with or without alpha, at most 16,383 pixels per side.
    case webp
    /// TIFF: 8 or 16 bits, with or without alpha.
    case tiff
    /// GIF: its first frame is read when allowed; never written.
    case gif

    /// The format of a file name extension; nil if no writable format has it.
    public init?(fileExtension: String) {
        let name = fileExtension.lowercased()
        guard let format = Self.writable.first(where: { $0.fileExtensions.contains(name) }) else { return nil }
        self = format
    }

    /// The formats that can be written.
    public static var writable: [ImageFormat] { allCases.filter(\.isWritable) }

    /// The file name extensions of the format, without the dot, the usual one first.
    public var fileExtensions: [String] {
        switch self {
        case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
        case .png: ["png"]
        case .webp: ["webp"]
        case .tiff: ["tif", "tiff"]
        case .gif: ["gif"]
        }
    }

    /// The usual file name extension, without the dot.
    public var fileExtension: String { fileExtensions[0] }

    /// The format's common name.
    public var displayName: String {
        switch self {
        case .jpeg: "JPEG"
        case .png: "PNG"
        case .webp: "WebP"
        case .tiff: "TIFF"
        case .gif: "GIF"
        }
    }

    /// The longest side in pixels that the encoder accepts.
    ///
    /// The sources of the limits: libjpeg for JPEG (the format itself allows 65,535), the format for WebP, libpng's
    /// default for PNG, libvips for TIFF.
    public var maximumSide: Int {
        switch self {
        case .jpeg: 65_500
        case .webp: 16_383
        case .png: 1_000_000
        case .tiff: 10_000_000
        case .gif: 65_535
        }
    }

    /// Whether the format supports an alpha channel.
    public var supportsAlpha: Bool { self != .jpeg }

    /// The most bits per channel that the format supports.
    public var maximumBits: Int { self == .png || self == .tiff ? 16 : 8 }

    /// Whether images can be written in this format.
    public var isWritable: Bool { self != .gif }

    /// The output format when the setting is "same as the input": this format, or PNG if it cannot be written.
    public var preferredOutput: ImageFormat { isWritable ? self : .png }

    /// Throws `outputTooLarge` when an image of this size cannot be written in this format.
    public func checkOutputSize(width: Int, height: Int) throws(ImagingError) {
        guard width <= maximumSide, height <= maximumSide else {
            throw ImagingError(
                .outputTooLarge,
                "The result would be \(width) x \(height) pixels, but \(displayName) allows at most \(maximumSide) per side."
            )
        }
    }
}
