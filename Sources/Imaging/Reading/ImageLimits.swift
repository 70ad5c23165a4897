/// Size limits of an input, checked on the header before any pixel is decoded.
public struct ImageLimits: Sendable, Equatable {
    /// The most bytes in the file.
    public var maximumFileSize: Int
    /// The most pixels: width times height.
    public var maximumPixels: Int
    /// The most pixels along the longer side.
    public var maximumSide: Int
    /// The most images in one file, of which only one is used.
    public var maximumPages: Int
    /// The names of the limits in error messages.
    public var names: Names

    /// The names by which the user sets the limits, such as options or configuration keys. Error messages contain them.
    public struct Names: Sendable, Equatable {
        /// The name of each limit, and of the setting that allows formats.
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

    /// Makes limits. The defaults are those of config.toml: 100 MB, 100 megapixels, 32,768 pixels per side, 10,000 images
    /// per file.
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
                .tooLarge,
                "The file has \(fileSize) bytes, but at most \(maximumFileSize) are allowed (\(names.fileSize)).")
        }
    }

    func check(width: Int, height: Int) throws(ImagingError) {
        guard width <= maximumSide, height <= maximumSide else {
            throw ImagingError(
                .tooLarge,
                "The image has \(width) x \(height) pixels, but at most \(maximumSide) per side are allowed (\(names.side))."
            )
        }
        guard width * height <= maximumPixels else {
            throw ImagingError(
                .tooLarge,
                "The image has \(width) x \(height) = \(width * height) pixels, but at most \(maximumPixels) are allowed (\(names.pixels))."
            )
        }
    }

    func check(pages: Int) throws(ImagingError) {
        guard pages <= maximumPages else {
            throw ImagingError(
                .tooLarge, "The file has \(pages) images, but at most \(maximumPages) are allowed (\(names.pages)).")
        }
    }
}
