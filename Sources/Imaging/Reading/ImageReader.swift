import CJPEG
import CVips
import Glibc

/// Decodes one image from a file descriptor: upright, in sRGB or its greys, 8 or 16 bits per channel.
///
/// Opening reads the header and makes every check that needs no pixels. Only a WebP file that ends in zeros may be
/// decoded for a check. `start` then provides the rows from the top.
public final class ImageReader: Sendable {
    /// The file's format.
    public let format: ImageFormat
    /// The upright image's width in pixels.
    public let width: Int
    /// The upright image's height in pixels.
    public let height: Int
    /// The memory layout of the pixels.
    public let layout: PixelLayout
    /// The image's metadata. Its profile describes the converted pixels.
    public let metadata: ImageMetadata
    /// Changes to the image that its owner should know about, as full sentences.
    public let notes: [String]

    private let image: VipsImage
    private let orientation: Int
    private let file: FileBytes
    private let decodeAheadLimit: Int

    /// Opens the image in a seekable file and checks it against the options.
    ///
    /// - Parameters:
    ///   - fileDescriptor: a regular file, open for reading; it must stay open and unchanged while the reader is in
    ///     use. - options: which images are accepted.
    /// - Throws: the reason why the image is refused.
    public init(fileDescriptor: Int32, options: DecodeOptions = DecodeOptions()) throws(ImagingError) {
        try VipsRuntime.start()
        // Clears libvips' error text of earlier images, because `RowReader` searches it for warnings about this image.
        _ = VipsRuntime.takeErrorText()
        file = try Self.regularFile(fileDescriptor, limits: options.limits)
        format = try Self.sniff(file, options: options)
        decodeAheadLimit = options.decodeAheadLimit

        let page = format == .tiff ? try Self.fullPage(of: file) : 0
        let header = try Self.load(file, format: format, page: page)
        try options.limits.check(width: header.width, height: header.height)
        guard !FileCompleteness.endsInPadding(file, format: format, decodes: true) else {
            throw Self.truncated(format, details: "It ends in zeros in place of image data.")
        }
        guard format != .jpeg || JPEGScans.areComplete(in: file) else {
            throw Self.truncated(format, details: "Scans are missing.")
        }

        var notes: [String] = []
        if let pages = header.integer("n-pages"), pages > 1 {
            try options.limits.check(pages: pages)
            let used = page == 0 ? "the first one" : "number \(page + 1), the first that is no thumbnail,"
            notes.append("The file has \(pages) images; only \(used) was used.")
        } else if format == .png, case let frames = PNGChunks(file: file).frameCount, frames > 1 {
            notes.append("The file has \(frames) images; only the first one was used.")
        }
        var metadata = ImageMetadata(of: file, format: format)
        metadata.profile = header.blob(ColourConversion.profileField)
        let description = ColourDescription(
            of: file, format: format, metadata: metadata, isGrey: header.bands - (header.hasAlpha ? 1 : 0) == 1)
        let colour = try ColourConversion.apply(
            to: header, flattensAlpha: options.flattensAlpha, format: format, description: description)
        metadata.statesColourSpace = metadata.profile != nil && colour.profile == nil
        metadata.profile = colour.profile
        notes += colour.notes

        // libvips does not read PNG's EXIF chunk, but it reads the orientation of a TIFF file's later pages.
        orientation = (format == .png ? nil : header.integer("orientation")) ?? metadata.orientation ?? 1
        let isTurned = (5...8).contains(orientation)
        width = isTurned ? header.height : header.width
        height = isTurned ? header.width : header.height
        if isTurned { swap(&metadata.horizontalResolution, &metadata.verticalResolution) }
        image = colour.image
        layout = colour.layout
        self.metadata = metadata
        self.notes = notes
    }

    /// Starts libvips, which reads files from disk. A process that cannot open files later, such as a sandboxed worker,
    /// calls this first.
    public static func prepare() throws(ImagingError) {
        try VipsRuntime.start()
        Exiv2Block.prepare()
    }

    /// Starts decoding. Call it once, on the thread that will read the rows.
    ///
    /// Images that must be rotated, and small images, are decoded completely here.
    public func start() throws(ImagingError) -> RowReader {
        var upright = image
        let needsMemory = orientation > 2
        if needsMemory || width * height * layout.bytesPerPixel <= decodeAheadLimit {
            upright = try translating { () throws(ImagingError) in
                try image.applying("Decoding") { vips_image_copy_memory($0) }
            }
        }
        upright = try Orientation.apply(orientation, to: upright)
        return RowReader(
            image: upright, layout: layout,
            lacksPixels: { [self] in format == .jpeg && cjpeg_lacks_pixels(file.descriptor) == 1 },
            explain: { [self] text in decodingError(text) })
    }

    /// Frees libvips' data of the calling thread. Every thread that has read rows must call this before it ends.
    public static func endThread() { vips_thread_shutdown() }

    /// Runs `body`. If it fails, throws an error with the right code instead: truncated, corrupt or a system error.
    private func translating<R>(_ body: () throws(ImagingError) -> R) throws(ImagingError) -> R {
        do {
            return try body()
        } catch {
            throw decodingError(error.details ?? "")
        }
    }

    private func decodingError(_ text: String) -> ImagingError {
        Self.decodingError(text, file: file, format: format)
    }

    private static func decodingError(_ text: String, file: FileBytes, format: ImageFormat) -> ImagingError {
        if FileCompleteness.endsTooEarly(file, format: format, decoderText: text)
            || FileCompleteness.endsInPadding(file, format: format, decodes: false)
        {
            return truncated(format, details: text)
        }
        if let cause = ImagingError.passingCause(inText: text) {
            return ImagingError(cause, "The image could not be decoded.", details: text)
        }
        return ImagingError(.corrupt, "The \(format.displayName) file is damaged.", details: text)
    }

    private static func truncated(_ format: ImageFormat, details: String) -> ImagingError {
        ImagingError(.truncated, "The \(format.displayName) file ends before its image does.", details: details)
    }

    private static func regularFile(_ descriptor: Int32, limits: ImageLimits) throws(ImagingError) -> FileBytes {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .system(errno: errno, "The input could not be examined")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ImagingError(.notARegularFile, "The input is not a regular file.")
        }
        let size = Int(status.st_size)
        guard size > 0 else { throw ImagingError(.empty, "The file is empty.") }
        try limits.check(fileSize: size)
        return FileBytes(descriptor: descriptor, size: size)
    }

    private static func sniff(_ file: FileBytes, options: DecodeOptions) throws(ImagingError) -> ImageFormat {
        switch FormatSniffer.format(ofFirstBytes: file.read(at: 0, count: FormatSniffer.byteCount)) {
        case .readable(let format) where options.allowedFormats.contains(format): return format
        case .readable(let format):
            throw ImagingError(
                .unsupportedFormat,
                "\(format.displayName) files are not allowed here (\(options.limits.names.formats)).")
        case .foreign(let name):
            throw ImagingError(
                .unsupportedFormat, "\(name) files cannot be read; convert the file to JPEG, PNG, WebP or TIFF.")
        case .unknown:
            throw ImagingError(.notAnImage, "The file is not an image.")
        }
    }

    /// The index of the first page of a TIFF file that is not a reduced copy of another page. Cameras' raw files and
    /// some programs put a thumbnail first.
    private static func fullPage(of file: FileBytes) throws(ImagingError) -> Int {
        guard TIFFDirectory(firstOf: file) != nil else { return 0 }
        guard let found = TIFFDirectory.fullImage(of: file) else {
            throw ImagingError(
                .unsupportedFormat,
                "The TIFF file has no page in full size, only a thumbnail. Cameras' raw files cannot be read.")
        }
        return found.page
    }

    private static func load(_ file: FileBytes, format: ImageFormat, page: Int) throws(ImagingError) -> VipsImage {
        if format == .jpeg, JPEGMarkers(file: file).end == .insideScan {
            // The file has no end marker, but its image may be complete. libvips fails if it reads beyond the end of
            // the file. So the marker is appended; libvips then reports only whether pixels are missing.
            let bytes = file.read(at: 0, count: file.size) + [0xFF, 0xD9]
            guard let image = VipsImage.loading(bytes, format: format) else {
                throw decodingError(VipsRuntime.takeErrorText(), file: file, format: format)
            }
            return image
        }
        guard let source = vips_source_new_from_descriptor(file.descriptor) else {
            throw ImagingError(
                .inputOutputError, "The input could not be opened.", details: VipsRuntime.takeErrorText())
        }
        defer { g_object_unref(source) }
        guard let image = VipsImage.loading(source, format: format, page: page) else {
            throw decodingError(VipsRuntime.takeErrorText(), file: file, format: format)
        }
        return image
    }
}
