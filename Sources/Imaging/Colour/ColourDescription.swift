import CVips

/// The description of a file's colours outside an ICC profile: EXIF fields, PNG chunks and TIFF tags.
struct ColourDescription {
    /// An ICC profile made from this description; nil if the file has no description, or describes sRGB.
    var profile: [UInt8]?
    /// The number of colour channels in the file, and for each channel after them whether it is an alpha channel; nil
    /// if the file does not say.
    var channels: (colours: Int, isAlpha: [Bool])?

    /// Reads the description from a file and its EXIF fields.
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
            // In TIFF's ExtraSamples, 1 is an alpha channel by which the colours are already multiplied, 2 is an alpha
            // channel by which they are not, and 0 is any other channel.
            channels = (samples - extra.count, extra.map { $0 == 1 || $0 == 2 })
        }
    }

    /// Returns the image with only its colour channels and its first alpha channel.
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
