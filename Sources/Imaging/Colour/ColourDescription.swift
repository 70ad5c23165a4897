import CVips

/// What a file says about its colours outside an ICC profile.
struct ColourDescription {
    /// A profile made from that; nil if the file says nothing, or says sRGB.
    var profile: [UInt8]?
    /// The file's colour channels, and which of the channels after them are transparency; nil if the file does not say.
    var channels: (colours: Int, isAlpha: [Bool])?

    /// Reads the description of a file and its EXIF fields.
    init(of file: FileBytes, format: ImageFormat, metadata: ImageMetadata, isGrey: Bool) {
        switch format {
        case .png: profile = PNGChunks(file: file).colourProfile(isGrey: isGrey)
        case .jpeg, .tiff, .webp: profile = metadata.statesAdobeRGB && !isGrey ? MatrixProfile.adobeRGB.bytes : nil
        case .gif: break
        }
        if format == .tiff, let directory = TIFFDirectory.fullImage(of: file)?.directory,
            let extra = directory.values(.extraSamples), let samples = directory.value(.samplesPerPixel),
            samples > extra.count
        {
            // 1 is transparency by which the colours are multiplied, 2 is transparency, and 0 is any other channel.
            channels = (samples - extra.count, extra.map { $0 == 1 || $0 == 2 })
        }
    }

    /// The image's colours and its first channel of transparency.
    func droppingSpotChannels(of image: VipsImage) throws(ImagingError) -> VipsImage {
        guard let channels, channels.isAlpha.contains(false), image.bands == channels.colours + channels.isAlpha.count
        else { return image }
        let action = "Dropping channels"
        let colours = try image.applying(action) { srgan_vips_extract_bands($0, 0, Int32(channels.colours)) }
        guard let index = channels.isAlpha.firstIndex(of: true) else { return colours }
        let alpha = try image.applying(action) { srgan_vips_extract_bands($0, Int32(channels.colours + index), 1) }
        return try colours.applying(action) { srgan_vips_bandjoin($0, alpha.pointer) }
    }
}
