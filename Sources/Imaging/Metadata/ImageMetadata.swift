/// An image's metadata: resolution, colour profile, EXIF, XMP, IPTC and comments.
public struct ImageMetadata: Sendable, Equatable {
    /// The horizontal resolution in pixels per millimetre, libvips' unit; nil if the file does not state it.
    public var horizontalResolution: Double?
    /// The vertical resolution in pixels per millimetre; nil if the file does not state it.
    public var verticalResolution: Double?
    /// The colour profile of the pixels. If none is embedded, it is nil, and the pixels are in sRGB or its greys.
    public var profile: [UInt8]?
    /// The EXIF block as stored in the file.
    public var exif: [UInt8]?
    /// The EXIF fields by libvips' names ("exif-ifd0-Make"). A field of `exif` that is not in this list is not written.
    public var exifFields: [ExifField]
    /// The XMP packet.
    public var xmp: [UInt8]?
    /// The IPTC block.
    public var iptc: [UInt8]?
    /// Comments in the file.
    public var comments: [ExifField]

    /// A text field of libvips.
    public struct ExifField: Sendable, Equatable {
        /// libvips' name of the field.
        public var name: String
        /// The field's text.
        public var value: String
    }

    /// Whether the EXIF fields state Adobe RGB as prescribed by DCF, the standard for camera files.
    var statesAdobeRGB: Bool {
        func value(_ name: String) -> Substring? {
            exifFields.first { $0.name.hasSuffix(name) }?.value.prefix { $0 != " " }
        }
        return profile == nil && value("-InteroperabilityIndex") == "R03" && value("-ColorSpace") == "65535"
    }

    /// Changes the EXIF fields that state the colour space from Adobe RGB to sRGB.
    mutating func stateSRGB() {
        for index in exifFields.indices {
            if exifFields[index].name.hasSuffix("-ColorSpace") { exifFields[index].value = "1" }
            if exifFields[index].name.hasSuffix("-InteroperabilityIndex") { exifFields[index].value = "R98" }
        }
    }

    /// Makes empty metadata.
    public init() {
        exifFields = []
        comments = []
    }
}
