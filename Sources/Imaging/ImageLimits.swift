/// What an input may be at most; checked on the header, before any pixel is decoded.
public struct ImageLimits: Sendable, Equatable {
    /// Bytes in the file.
    public var maximumFileSize: Int
    /// Pixels: width times height.
    public var maximumPixels: Int
    /// Pixels along the longer side.
    public var maximumSide: Int

    /// Makes limits; the defaults are those of config.toml: 100 MB, 100 megapixels, 32,768 a side.
    public init(
        maximumFileSize: Int = 100_000_000,
        maximumPixels: Int = 100_000_000,
        maximumSide: Int = 32_768
    ) {
        self.maximumFileSize = maximumFileSize
        self.maximumPixels = maximumPixels
        self.maximumSide = maximumSide
    }

    func check(fileSize: Int) throws(ImagingError) {
        guard fileSize <= maximumFileSize else {
            throw ImagingError(
                .tooLarge, "The file has \(fileSize) bytes, and \(maximumFileSize) are allowed.")
        }
    }

    func check(width: Int, height: Int) throws(ImagingError) {
        guard width <= maximumSide, height <= maximumSide else {
            throw ImagingError(
                .tooLarge, "The picture is \(width) x \(height) pixels, and \(maximumSide) a side are allowed.")
        }
        guard width * height <= maximumPixels else {
            throw ImagingError(
                .tooLarge,
                "The picture has \(width) x \(height) = \(width * height) pixels, and \(maximumPixels) are allowed.")
        }
    }
}
