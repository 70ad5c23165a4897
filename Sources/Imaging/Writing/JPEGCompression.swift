import CVips
import Glibc

/// Adds the artefacts of JPEG compression to an image, in memory.
public enum JPEGCompression {
    /// Encodes and decodes an image with libvips' defaults: below quality 90, the chroma channels have half the
    /// resolution.
    ///
    /// - Parameters:
    ///   - pixels: interleaved red, green and blue, 8 bits each.
    ///   - quality: 1 to 100, on libjpeg's scale.
    /// - Returns: pixels in the same layout.
    public static func roundTrip(
        _ pixels: [UInt8], width: Int, height: Int, quality: Int
    ) throws(ImagingError) -> [UInt8] {
        precondition(pixels.count == 3 * width * height && (1...100).contains(quality))
        try VipsRuntime.start()
        let memory = pixels.withUnsafeBytes {
            vips_image_new_from_memory_copy(
                $0.baseAddress, $0.count, Int32(width), Int32(height), 3, VIPS_FORMAT_UCHAR)
        }
        guard let plain = VipsImage.make(memory) else { throw failure() }
        let image = try plain.applying("Compressing") { srgan_vips_retag($0, VIPS_INTERPRETATION_sRGB) }
        var bytes: UnsafeMutableRawPointer?
        var count = 0
        guard srgan_vips_encode_jpeg(image.pointer, Int32(quality), &bytes, &count) == 0, let bytes else {
            throw failure()
        }
        defer { g_free(bytes) }
        guard let source = vips_source_new_from_memory(bytes, count) else { throw failure() }
        defer { g_object_unref(source) }
        guard let decoded = VipsImage.make(srgan_vips_load_jpeg(source, VIPS_FAIL_ON_TRUNCATED)) else {
            throw failure()
        }
        var size = 0
        guard let result = vips_image_write_to_memory(decoded.pointer, &size) else { throw failure() }
        defer { g_free(result) }
        precondition(size == pixels.count, "the decoded JPEG image has another size")
        return Array(UnsafeRawBufferPointer(start: result, count: size))
    }

    private static func failure() -> ImagingError {
        let text = VipsRuntime.takeErrorText()
        return ImagingError(
            ImagingError.passingCause(inText: text) ?? .outOfMemory, "The image could not be compressed.",
            details: text)
    }
}
