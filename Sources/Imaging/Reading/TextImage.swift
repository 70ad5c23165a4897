import CVips

/// Text rendered as an image: one byte per pixel, 255 for full ink.
public struct TextImage: Sendable {
    /// The width in pixels.
    public let width: Int
    /// The height in pixels.
    public let height: Int
    /// The pixels, row by row.
    public let ink: [UInt8]

    /// Renders text with the system's sans-serif font; nil if libvips cannot render text or the text leaves no ink.
    public init?(_ text: String, pixelHeight: Int) {
        guard (try? VipsRuntime.start()) != nil else { return nil }
        // Pango interprets markup, and a file name may contain markup characters.
        let escaped =
            text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        guard let image = VipsImage.make(srgan_vips_text(escaped, "sans \(pixelHeight)", 72)) else {
            _ = VipsRuntime.takeErrorText()
            return nil
        }
        guard image.bands == 1, image.format == VIPS_FORMAT_UCHAR, image.width > 0, image.height > 0 else { return nil }
        var size = 0
        guard let memory = vips_image_write_to_memory(image.pointer, &size) else {
            _ = VipsRuntime.takeErrorText()
            return nil
        }
        defer { g_free(memory) }
        guard size == image.width * image.height else { return nil }
        width = image.width
        height = image.height
        ink = Array(UnsafeRawBufferPointer(start: memory, count: size))
    }
}
