/// An image's metadata: resolution, colour profile, EXIF, XMP, IPTC and texts.
public struct ImageMetadata: Sendable, Equatable {
    /// The horizontal resolution in pixels per millimetre, libvips' unit; nil if the file does not state it.
    public var horizontalResolution: Double?
    /// The vertical resolution in pixels per millimetre; nil if the file does not state it.
    public var verticalResolution: Double?
    /// The colour profile of the pixels. If none is embedded, it is nil, and the pixels are in sRGB or its greys.
    public var profile: [UInt8]?
    /// The EXIF tags; for a TIFF file also those of its first directory.
    public var exif: [ExifTag]
    /// The XMP packet.
    public var xmp: [UInt8]?
    /// The IPTC data sets, without the Photoshop block that contains them in a JPEG file.
    public var iptc: [UInt8]?
    /// The texts of a PNG file and the comments of a JPEG file.
    public var texts: [ImageText]
    /// What was not kept and why, as full sentences.
    public var notes: [String]
    /// Whether a result without a profile must state in EXIF that its pixels are in sRGB, because the input's profile
    /// was ignored.
    var statesColourSpace = false

    /// Makes empty metadata.
    public init() {
        exif = []
        texts = []
        notes = []
    }

    /// Whether the EXIF fields state Adobe RGB as prescribed by DCF, the standard for camera files.
    var statesAdobeRGB: Bool {
        profile == nil && tag(.interoperability, 0x0001)?.text == "R03" && tag(.photo, 0xA001)?.integer == 65_535
    }

    /// The orientation that EXIF states, 1 to 8, or else the one that XMP states; nil if neither does.
    var orientation: Int? {
        let valid = 1...8
        if let value = tag(.image, 0x0112)?.integer, valid.contains(value) { return value }
        guard let xmp else { return nil }
        var found: Int?
        _ = Exiv2Block().filteredXMP(xmp) { key, value in
            if key == "Xmp.tiff.Orientation", let value = Int(value), valid.contains(value) { found = value }
            return false
        }
        return found
    }

    func tag(_ directory: ExifTag.Directory, _ number: UInt16) -> ExifTag? {
        exif.first { $0.directory == directory && $0.number == number }
    }
}
