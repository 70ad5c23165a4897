import CVips

/// Converts a decoded image to the colour space that the network was trained on: sRGB, or the greys of sRGB for a grey
/// image.
///
/// Every step computes a pixel from that pixel alone, so the image is still decoded row by row.
struct ColourConversion {
    var image: VipsImage
    var layout: PixelLayout
    /// The profile that describes the converted pixels; nil if the file had none.
    var profile: [UInt8]?
    var notes: [String] = []
    private var isConverted = false

    static func apply(
        to source: VipsImage, flattensAlpha: Bool, format: ImageFormat, description: ColourDescription
    ) throws(ImagingError) -> ColourConversion {
        var conversion = try ColourConversion(normalised: source, format: format, description: description)
        try conversion.applyProfile(orElse: description.profile)
        if conversion.layout.hasAlpha && flattensAlpha { try conversion.flatten() }
        return conversion
    }

    /// Keeps images with plain 8- or 16-bit samples as they are; converts all others with libvips' own conversion.
    private init(
        normalised source: VipsImage, format: ImageFormat, description: ColourDescription
    ) throws(ImagingError) {
        var image = try description.droppingSpotChannels(of: source)
        if image.bands != source.bands {
            notes.append("The image has channels that are neither colour nor transparency; they were dropped.")
        }
        let isInteger = image.format == VIPS_FORMAT_UCHAR || image.format == VIPS_FORMAT_USHORT
        let isPlain = [
            VIPS_INTERPRETATION_sRGB, VIPS_INTERPRETATION_RGB, VIPS_INTERPRETATION_RGB16, VIPS_INTERPRETATION_B_W,
            VIPS_INTERPRETATION_GREY16, VIPS_INTERPRETATION_CMYK,
        ].contains(image.interpretation)
        if !isInteger || !isPlain {
            guard vips_colourspace_issupported(image.pointer) != 0 else {
                throw ImagingError(
                    .unsupportedFormat, "The \(format.displayName) file has a sample format that is not supported.")
            }
            if image.interpretation == VIPS_INTERPRETATION_B_W || image.interpretation == VIPS_INTERPRETATION_GREY16 {
                image = try Self.sixteenBitGrey(image)
            } else {
                let target = image.format == VIPS_FORMAT_UCHAR ? VIPS_INTERPRETATION_sRGB : VIPS_INTERPRETATION_RGB16
                image = try image.applying("Converting to sRGB") { srgan_vips_colourspace($0, target) }
                image.remove(Self.profileField)
            }
        }
        let hasAlpha = image.hasAlpha
        let colours = image.bands - (hasAlpha ? 1 : 0)
        let isCMYK = image.interpretation == VIPS_INTERPRETATION_CMYK && colours == 4
        guard colours == 1 || colours == 3 || isCMYK else {
            throw ImagingError(
                .unsupportedFormat,
                "The \(format.displayName) file has \(image.bands) channels, which is not supported.")
        }
        let bits = image.format == VIPS_FORMAT_USHORT ? 16 : 8
        self.image = image
        layout = PixelLayout(colours: colours == 1 ? 1 : 3, hasAlpha: hasAlpha, bits: bits)
        if isCMYK { try convertCMYK() }
    }

    /// Converts a grey image to 16 bits per sample. 32-bit integers are divided by 65,536; floating-point samples,
    /// which range from 0 to 1, are multiplied by 65,535.
    private static func sixteenBitGrey(_ image: VipsImage) throws(ImagingError) -> VipsImage {
        let factor: Double =
            switch image.format {
            case VIPS_FORMAT_UINT: 1 / 65_536
            case VIPS_FORMAT_FLOAT, VIPS_FORMAT_DOUBLE: 65_535
            default: 1
            }
        let offset = factor > 1 ? 0.5 : 0
        let scaled = try image.applying("Converting to grey") { srgan_vips_linear($0, factor, offset) }
        let cast = try scaled.applying("Converting to grey") { srgan_vips_cast($0, VIPS_FORMAT_USHORT) }
        return try cast.applying("Converting to grey") { srgan_vips_retag($0, VIPS_INTERPRETATION_GREY16) }
    }

    static let profileField = "icc-profile-data"

    private mutating func convertCMYK() throws(ImagingError) {
        let depth = Int32(layout.bits)
        // An image without an embedded profile is assumed to have libvips' standard CMYK profile, as in libvips'
        // viewers.
        image = try image.applying("Converting CMYK to sRGB") { srgan_vips_icc_transform($0, "cmyk", depth) }
        notes.append("The image was converted from CMYK to sRGB.")
        isConverted = true
        profile = image.blob(Self.profileField)
    }

    private mutating func applyProfile(orElse described: [UInt8]?) throws(ImagingError) {
        guard !isConverted else { return }
        if !image.has(Self.profileField), let described {
            // The image is copied first, because the fields of the image that was read must not change.
            image = try image.applying("Tagging the colours") {
                srgan_vips_retag($0, vips_image_guess_interpretation($0))
            }
            image.set(Self.profileField, described)
        }
        guard let embedded = image.blob(Self.profileField) else { return }
        let fits = embedded.withUnsafeBytes {
            vips_icc_is_compatible_profile(image.pointer, $0.baseAddress, $0.count) != 0
        }
        // If the profile is damaged, or made for another colour space, the image is accepted without the profile,
        // because viewers show such files too.
        guard fits, Self.colourSpace(of: embedded) == (layout.colours == 3 ? "RGB " : "GRAY"),
            ProfileProbe.isUsable(embedded, layout: layout)
        else {
            _ = VipsRuntime.takeErrorText()
            image.remove(Self.profileField)
            notes.append("The embedded colour profile does not fit the image and was ignored.")
            return
        }
        if try ProfileProbe.isNearlySRGB(embedded, layout: layout) {
            profile = embedded
            return
        }
        image = try Self.transform(image, layout: layout)
        profile = layout.colours == 3 ? image.blob(Self.profileField) : nil
    }

    /// The colour space that an ICC profile's header states. The caller compares it with the image's colour space,
    /// because libvips also accepts a grey profile for a colour image.
    private static func colourSpace(of profile: [UInt8]) -> String {
        String(decoding: profile.dropFirst(16).prefix(4), as: UTF8.self)
    }

    /// Applies the embedded profile. The result is in sRGB or, for a grey image, on sRGB's grey axis.
    ///
    /// - Parameter fallback: the name of a built-in profile, which libvips uses if it cannot use the embedded one.
    static func transform(
        _ image: VipsImage, layout: PixelLayout, fallback: String? = nil
    ) throws(ImagingError) -> VipsImage {
        let depth = Int32(layout.bits)
        if layout.colours == 3 {
            return try image.applying("Applying the colour profile") { srgan_vips_icc_transform($0, fallback, depth) }
        }
        // There is no grey target profile, so the conversion goes through Lab. The alpha channel stays unchanged.
        var grey = image
        if layout.hasAlpha {
            grey = try image.applying("Separating the alpha channel") { srgan_vips_extract_bands($0, 0, 1) }
        }
        let lab = try grey.applying("Applying the colour profile") { srgan_vips_icc_import($0) }
        let space = layout.bits == 16 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W
        let result = try lab.applying("Converting to grey") { srgan_vips_colourspace($0, space) }
        guard layout.hasAlpha else { return result }
        let alpha = try image.applying("Separating the alpha channel") { srgan_vips_extract_bands($0, 1, 1) }
        let joined = try result.applying("Joining the alpha channel") { srgan_vips_bandjoin($0, alpha.pointer) }
        return try joined.applying("Joining the alpha channel") { srgan_vips_retag($0, space) }
    }

    private mutating func flatten() throws(ImagingError) {
        let maximum = Double(layout.maximum)
        let flat = try image.applying("Flattening the image onto white") { srgan_vips_flatten($0, maximum, maximum) }
        let format = layout.bits == 16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR
        image = try flat.applying("Flattening the image onto white") { srgan_vips_cast($0, format) }
        layout.hasAlpha = false
        notes.append("The output format has no transparency, so the image was flattened onto white.")
    }
}
