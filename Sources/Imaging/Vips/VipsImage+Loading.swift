import CVips

extension VipsImage {
    /// Reads a file's header; nil if that failed, with the message left in libvips' error buffer.
    ///
    /// - Parameter page: the index of the image to read, for a TIFF file with several images.
    static func loading(
        _ source: UnsafeMutablePointer<VipsSource>, format: ImageFormat, page: Int = 0
    ) -> VipsImage? {
        let failOn = VIPS_FAIL_ON_TRUNCATED
        let pointer =
            switch format {
            case .jpeg: srgan_vips_load_jpeg(source, failOn)
            case .png: srgan_vips_load_png(source, failOn)
            case .webp: srgan_vips_load_webp(source, failOn)
            case .tiff: srgan_vips_load_tiff(source, failOn, Int32(page))
            case .gif: srgan_vips_load_gif(source, failOn)
            }
        return make(pointer)
    }

    /// Reads the header of a file whose bytes are in memory; the bytes are copied.
    static func loading(_ bytes: [UInt8], format: ImageFormat) -> VipsImage? {
        guard let blob = bytes.withUnsafeBytes({ vips_blob_copy($0.baseAddress, $0.count) }) else { return nil }
        defer { vips_area_unref(UnsafeMutableRawPointer(blob).assumingMemoryBound(to: VipsArea.self)) }
        guard let source = vips_source_new_from_blob(blob) else { return nil }
        defer { g_object_unref(source) }
        return loading(source, format: format)
    }
}
