/// What an input may be at most; checked on the header, before any pixel is decoded.
public struct ImageLimits: Sendable, Equatable {
    /// Bytes in the file.
    public var maximumFileSize: Int
    /// Pixels: width times height.
    public var maximumPixels: Int
    /// Pixels along the longer side.
    public var maximumSide: Int
    /// Images in one file, of which only the first is used.
    public var maximumPages: Int
    /// What refusals call the limits.
    public var names: Names

    /// The words by which the one who sets a limit knows it; each stands in the message of its refusal.
    public struct Names: Sendable, Equatable {
        /// The word for each limit, and for what allows a format.
        public var fileSize, pixels, side, pages, formats: String

        /// Makes names.
        public init(
            fileSize: String = "maximumFileSize", pixels: String = "maximumPixels", side: String = "maximumSide",
            pages: String = "maximumPages", formats: String = "allowedFormats"
        ) {
            self.fileSize = fileSize
            self.pixels = pixels
            self.side = side
            self.pages = pages
            self.formats = formats
        }
    }

    /// Makes limits; the defaults are those of config.toml: 100 MB, 100 megapixels, 32,768 a side,
    /// 10,000 images a file.
    public init(
        maximumFileSize: Int = 100_000_000,
        maximumPixels: Int = 100_000_000,
        maximumSide: Int = 32_768,
        maximumPages: Int = 10_000,
        names: Names = Names()
    ) {
        self.maximumFileSize = maximumFileSize
        self.maximumPixels = maximumPixels
        self.maximumSide = maximumSide
        self.maximumPages = maximumPages
        self.names = names
    }

    func check(fileSize: Int) throws(ImagingError) {
        guard fileSize <= maximumFileSize else {
            throw ImagingError(
                .tooLarge, "The file has \(fileSize) bytes, and \(maximumFileSize) are allowed (\(names.fileSize)).")
        }
    }

    func check(width: Int, height: Int) throws(ImagingError) {
        guard width <= maximumSide, height <= maximumSide else {
            throw ImagingError(
                .tooLarge,
                "The image is \(width) x \(height) pixels, and \(maximumSide) a side are allowed (\(names.side)).")
        }
        guard width * height <= maximumPixels else {
            throw ImagingError(
                .tooLarge,
                "The image has \(width) x \(height) = \(width * height) pixels, and \(maximumPixels) are allowed (\(names.pixels))."
            )
        }
    }

    func check(pages: Int) throws(ImagingError) {
        guard pages <= maximumPages else {
            throw ImagingError(
                .tooLarge, "The file holds \(pages) images, and \(maximumPages) are allowed (\(names.pages)).")
        }
    }
}
