import CVips
import Glibc

/// Decodes one image from a file descriptor: upright, in sRGB or its greys, 8 or 16 bits per channel.
///
/// Opening reads only the header and makes every check that needs no pixels. `start` then provides the rows from the top.
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
    ///   - fileDescriptor: a regular file, open for reading; it must stay open and unchanged while the reader is in use.
    ///   - options: which images are accepted.
    /// - Throws: the reason why the image is refused.
    public init(fileDescriptor: Int32, options: DecodeOptions = DecodeOptions()) throws(ImagingError) {
        try VipsRuntime.start()
        file = try Self.regularFile(fileDescriptor, limits: options.limits)
        format = try Self.sniff(file, options: options)
        decodeAheadLimit = options.decodeAheadLimit

        let header = try Self.load(file, format: format)
        try options.limits.check(width: header.width, height: header.height)

        var notes: [String] = []
        if let pages = header.integer("n-pages"), pages > 1 {
            try options.limits.check(pages: pages)
            notes.append("The file has \(pages) images; only the first one was used.")
        }
        var metadata = ImageMetadata(of: header)
        let colour = try ColourConversion.apply(to: header, flattensAlpha: options.flattensAlpha, format: format)
        metadata.profile = colour.profile
        notes += colour.notes

        orientation =
            format == .png
            ? PNGChunks(file: file).orientation ?? 1 : (header.integer("orientation") ?? 1)
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
    public static func prepare() throws(ImagingError) { try VipsRuntime.start() }

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
        return RowReader(image: upright, layout: layout) { [self] text in decodingError(text) }
    }

    /// Frees libvips' data of the calling thread. Every thread that has read rows must call this before it ends.
    public static func endThread() { vips_thread_shutdown() }

    /// Runs `body` and replaces its error by one with the right code: truncated, corrupt or a system error.
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
        if FileCompleteness.endsTooEarly(file, format: format, decoderText: text) {
            return ImagingError(
                .truncated, "The \(format.displayName) file ends before its image does.", details: text)
        }
        if let cause = ImagingError.passingCause(inText: text) {
            return ImagingError(cause, "The image could not be decoded.", details: text)
        }
        return ImagingError(.corrupt, "The \(format.displayName) file is damaged.", details: text)
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
            throw ImagingError(.unsupportedFormat, "\(name) files cannot be read.")
        case .unknown:
            throw ImagingError(.notAnImage, "The file is not an image.")
        }
    }

    private static func load(_ file: FileBytes, format: ImageFormat) throws(ImagingError) -> VipsImage {
        guard let source = vips_source_new_from_descriptor(file.descriptor) else {
            throw ImagingError(
                .inputOutputError, "The input could not be opened.", details: VipsRuntime.takeErrorText())
        }
        defer { g_object_unref(source) }
        let failOn = VIPS_FAIL_ON_TRUNCATED
        let pointer =
            switch format {
            case .jpeg: srgan_vips_load_jpeg(source, failOn)
            case .png: srgan_vips_load_png(source, failOn)
            case .webp: srgan_vips_load_webp(source, failOn)
            case .tiff: srgan_vips_load_tiff(source, failOn)
            case .gif: srgan_vips_load_gif(source, failOn)
            }
        guard let image = VipsImage.make(pointer) else {
            throw decodingError(VipsRuntime.takeErrorText(), file: file, format: format)
        }
        return image
    }
}
