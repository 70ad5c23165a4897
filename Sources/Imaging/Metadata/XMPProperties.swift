/// The XMP properties that are not true for a result. Keys are Exiv2's, such as "Xmp.tiff.ImageWidth".
enum XMPProperties {
    /// Whether a property describes the input file: its size, orientation, resolution, colour space or another copy of
    /// its metadata. These properties are left out without a note.
    static func describesFile(_ key: String) -> Bool { ofFile.contains(key) }

    /// Whether a property describes data that a result does not contain.
    static func belongsToMissingData(_ key: String) -> Bool {
        let lower = key.lowercased()
        return missingData.contains { lower.containsText($0) }
    }

    private static let ofFile: Set<String> = Set(
        [
            "tiff": [
                "Orientation", "ImageWidth", "ImageLength", "BitsPerSample", "Compression", "PhotometricInterpretation",
                "SamplesPerPixel", "PlanarConfiguration", "YCbCrSubSampling", "YCbCrPositioning", "XResolution",
                "YResolution", "ResolutionUnit", "TransferFunction", "WhitePoint", "PrimaryChromaticities",
                "YCbCrCoefficients", "ReferenceBlackWhite", "NativeDigest",
            ],
            "exif": [
                "PixelXDimension", "PixelYDimension", "ColorSpace", "CompressedBitsPerPixel", "ComponentsConfiguration",
                "FocalPlaneXResolution", "FocalPlaneYResolution", "FocalPlaneResolutionUnit", "SubjectArea",
                "RelatedSoundFile", "MakerNote", "NativeDigest",
            ],
            "photoshop": ["ICCProfile", "ColorMode", "LegacyIPTCDigest"],
            "xmpNote": ["HasExtendedXMP"],
        ].flatMap { prefix, names in names.map { "Xmp.\(prefix).\($0)" } })

    private static let missingData = [
        "hdrgm", "gainmap", "motionphoto", "microvideo", "gdepth", "gimage", "gaudio", "depthmap", "thumbnail",
        "xmp.container.", "xmp.gcontainer.", "xmp.item.", "gpano.fullpano", "gpano.cropped",
    ]
}
