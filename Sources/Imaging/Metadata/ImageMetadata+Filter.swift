extension ImageMetadata {
    /// What of the metadata a result may carry.
    public struct Policy: Sendable, Equatable {
        /// Whether EXIF, XMP, IPTC and comments go with the image.
        public var keepsMetadata: Bool
        /// Whether the place where it was taken goes with it.
        public var keepsLocation: Bool

        /// Makes a policy; by default only resolution and profile stay.
        public init(keepsMetadata: Bool = false, keepsLocation: Bool = false) {
            self.keepsMetadata = keepsMetadata
            self.keepsLocation = keepsLocation
        }
    }

    /// The metadata of a result: what the policy lets through, with the tags that describe the old file taken out.
    ///
    /// Resolution and profile always stay. The orientation was applied to the pixels, and the thumbnail is the old, perhaps
    /// lying image.
    public func filtered(by policy: Policy) -> ImageMetadata {
        var result = ImageMetadata()
        result.horizontalResolution = horizontalResolution
        result.verticalResolution = verticalResolution
        result.profile = profile
        guard policy.keepsMetadata else { return result }
        // A block that cannot be understood might hold a place; then it goes as a whole.
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
