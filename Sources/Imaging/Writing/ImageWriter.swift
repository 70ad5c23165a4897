import CVips
import Glibc

/// Encodes one image to a file descriptor and fetches its rows from a source, which waits until they are computed.
public struct ImageWriter: Sendable {
    /// The file format.
    public let format: ImageFormat
    /// The width in pixels.
    public let width: Int
    /// The height in pixels.
    public let height: Int
    /// The memory layout of the source's pixels.
    public let layout: PixelLayout
    /// The metadata to write.
    public let metadata: ImageMetadata
    /// The quality and compression settings.
    public let options: EncodeOptions

    /// Describes the file to write; throws if the format cannot hold the image.
    public init(
        format: ImageFormat, width: Int, height: Int, layout: PixelLayout, metadata: ImageMetadata = ImageMetadata(),
        options: EncodeOptions = EncodeOptions()
    ) throws(ImagingError) {
        guard format.isWritable else {
            throw ImagingError(.configuration, "\(format.displayName) files cannot be written.")
        }
        try format.checkOutputSize(width: width, height: height)
        precondition(layout.representable(in: format) == layout, "\(format) cannot hold \(layout)")
        self.format = format
        self.width = width
        self.height = height
        self.layout = layout
        self.metadata = metadata
        self.options = options
        encoded = EncodedMetadata(metadata, format: format, width: width, height: height)
    }

    /// Full sentences about metadata that are not in the result.
    public var notes: [String] { metadata.notes + encoded.notes }

    private let encoded: EncodedMetadata

    /// Encodes on the calling thread until the last byte is written. Nothing is synced to disk.
    ///
    /// - Parameters:
    ///   - fileDescriptor: receives the bytes; TIFF needs a seekable file that is also open for reading.
    ///   - rows: provides the rows, on a thread of libvips.
    public func write(to fileDescriptor: Int32, rows: some OutputRowSource) throws(ImagingError) {
        try VipsRuntime.start()
        let image = try makeImage()
        let context = GenerateContext(rows: rows, width: width)
        let made = vips_image_generate(
            image.pointer, nil, generateRows, nil, Unmanaged.passUnretained(context).toOpaque(), nil)
        guard made == 0 else { throw failure() }
        let output = EncodedOutput(descriptor: fileDescriptor, head: head)
        guard let target = output.makeTarget() else { throw failure() }
        defer { g_object_unref(target) }
        let isWritten = withExtendedLifetime(context) { save(image, to: target) == 0 } && output.isComplete
        guard isWritten else {
            throw output.error == 0 ? failure() : .system(errno: output.error, "The output could not be written")
        }
        if format == .tiff { try TIFFMetadataWriter(metadata: encoded).write(to: fileDescriptor) }
    }

    private var head: (any FileHead)? {
        switch format {
        case .jpeg: JPEGHead(metadata: encoded)
        case .png: PNGHead(metadata: encoded)
        case .webp: WebPHead(metadata: encoded, width: width, height: height)
        case .tiff, .gif: nil
        }
    }

    private func failure() -> ImagingError {
        let text = VipsRuntime.takeErrorText()
        return ImagingError(
            ImagingError.passingCause(inText: text) ?? .inputOutputError, "The output could not be written.",
            details: text)
    }

    private func makeImage() throws(ImagingError) -> VipsImage {
        guard let pointer = vips_image_new() else {
            throw ImagingError(.outOfMemory, "The output could not be set up.", details: VipsRuntime.takeErrorText())
        }
        let image = VipsImage(owning: pointer)
        let interpretation =
            switch (layout.colours, layout.bits) {
            case (1, 8): VIPS_INTERPRETATION_B_W
            case (1, _): VIPS_INTERPRETATION_GREY16
            case (_, 8): VIPS_INTERPRETATION_sRGB
            default: VIPS_INTERPRETATION_RGB16
            }
        vips_image_init_fields(
            pointer, Int32(width), Int32(height), Int32(layout.channels),
            layout.bits == 8 ? VIPS_FORMAT_UCHAR : VIPS_FORMAT_USHORT, VIPS_CODING_NONE, interpretation, 1, 1)
        guard srgan_vips_pipeline_strips(pointer) == 0 else { throw failure() }
        return image
    }

    private func save(_ image: VipsImage, to target: UnsafeMutablePointer<VipsTarget>) -> Int32 {
        switch format {
        case .jpeg: srgan_vips_save_jpeg(image.pointer, target, Int32(options.quality))
        case .png:
            srgan_vips_save_png(image.pointer, target, Int32(options.compression), Int32(options.pngFilter))
        case .webp: srgan_vips_save_webp(image.pointer, target, Int32(options.quality), 4)
        case .tiff:
            // A classic TIFF holds at most 4 GiB, and compression may save nothing. So BigTIFF is written for more than
            // 3 GiB of pixels.
            srgan_vips_save_tiff(image.pointer, target, width * height * layout.bytesPerPixel > 3 << 30 ? 1 : 0)
        case .gif: -1
        }
    }
}

/// The context of `generateRows`; it lives as long as the encoder runs.
private final class GenerateContext {
    let rows: any OutputRowSource
    let width: Int

    init(rows: any OutputRowSource, width: Int) {
        self.rows = rows
        self.width = width
    }
}

/// Provides a region of the output image to libvips. The region spans full rows because the image is requested in
/// strips.
private func generateRows(
    region: UnsafeMutablePointer<VipsRegion>?, sequence: UnsafeMutableRawPointer?, context: UnsafeMutableRawPointer?,
    unused: UnsafeMutableRawPointer?, stop: UnsafeMutablePointer<gboolean>?
) -> Int32 {
    guard let region, let context else { return -1 }
    let source = Unmanaged<GenerateContext>.fromOpaque(context).takeUnretainedValue()
    let rect = region.pointee.valid
    precondition(rect.left == 0 && Int(rect.width) == source.width, "libvips asked for less than full rows")
    let rows = Int(rect.top)..<Int(rect.top + rect.height)
    let destination = UnsafeMutableRawPointer(srgan_vips_region_address(region, 0, rect.top)!)
    return source.rows.copyRows(rows, to: destination, stride: srgan_vips_region_stride(region)) ? 0 : -1
}
