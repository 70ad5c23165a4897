extension ImageMetadata {
    /// Which metadata a result may carry.
    public struct Policy: Sendable, Equatable {
        /// Whether to keep EXIF, XMP, IPTC and comments.
        public var keepsMetadata: Bool
        /// Whether to keep the GPS position.
        public var keepsLocation: Bool

        /// Makes a policy. By default only the resolution and the colour profile are kept.
        public init(keepsMetadata: Bool = false, keepsLocation: Bool = false) {
            self.keepsMetadata = keepsMetadata
            self.keepsLocation = keepsLocation
        }
    }

    /// The metadata of a result: everything that the policy allows, without the tags that describe the input file.
    ///
    /// Resolution and profile are always kept. The orientation is dropped because the pixels are already upright. The
    /// thumbnail is dropped because it shows the input, which may be rotated.
    public func filtered(by policy: Policy) -> ImageMetadata {
        var result = ImageMetadata()
        result.horizontalResolution = horizontalResolution
        result.verticalResolution = verticalResolution
        result.profile = profile
        guard policy.keepsMetadata else { return result }
        // An EXIF block that cannot be parsed might contain a GPS position, so it is dropped as a whole.
        result.exif = policy.keepsLocation ? exif : exif.flatMap { ExifBlock($0)?.removingLocation()?.bytes }
        result.exifFields = exifFields.filter { field in
            if field.name.hasPrefix("exif-ifd1-") || field.name == "exif-ifd0-Orientation" { return false }
            return policy.keepsLocation || !field.name.hasPrefix("exif-ifd3-")
        }
        result.iptc = iptc
        result.comments = comments
        result.xmp = xmp.map { XMPFilter.filtered($0, keepsLocation: policy.keepsLocation) }
        return result
    }
}
