/// What an image says about itself besides its pixels.
public struct ImageMetadata: Sendable, Equatable {
    /// Pixels per millimetre across, as libvips counts; nil when the file does not say.
    public var horizontalResolution: Double?
    /// Pixels per millimetre down; nil when the file does not say.
    public var verticalResolution: Double?
    /// The colour profile that the pixels are in; nil stands for sRGB (or its grey axis) without saying so.
    public var profile: [UInt8]?
    /// The EXIF block, as in the file.
    public var exif: [UInt8]?
    /// The fields of the EXIF block under libvips' names ("exif-ifd0-Make"); what is not listed is not written.
    public var exifFields: [ExifField]
    /// The XMP packet.
    public var xmp: [UInt8]?
    /// The IPTC block.
    public var iptc: [UInt8]?
    /// Comments in the file.
    public var comments: [ExifField]

    /// A text value under a name of libvips.
    public struct ExifField: Sendable, Equatable {
        /// libvips' name for it.
        public var name: String
        /// Its text.
        public var value: String
    }

    /// Metadata that says nothing.
    public init() {
        exifFields = []
        comments = []
    }
}
