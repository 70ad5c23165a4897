import CVips

/// Compresses and decompresses with zlib, through GLib, which libvips needs anyway.
enum ZlibStream {
    /// Compresses bytes.
    static func deflated(_ bytes: [UInt8]) -> [UInt8]? {
        guard let compressor = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, -1) else { return nil }
        defer { g_object_unref(UnsafeMutableRawPointer(compressor)) }
        // zlib adds at most 5 bytes per 16 kB and 6 bytes in all.
        return converted(bytes, by: compressor, limit: bytes.count + bytes.count / 1000 + 64)
    }

    /// Decompresses bytes; nil if they are damaged or the result is longer than `limit` bytes.
    static func inflated(_ bytes: some Sequence<UInt8>, limit: Int) -> [UInt8]? {
        guard let decompressor = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB) else { return nil }
        defer { g_object_unref(UnsafeMutableRawPointer(decompressor)) }
        return converted(Array(bytes), by: decompressor, limit: limit)
    }

    private static func converted(_ bytes: [UInt8], by converter: OpaquePointer, limit: Int) -> [UInt8]? {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var offset = 0
        while true {
            var (read, written): (gsize, gsize) = (0, 0)
            let status = bytes.withUnsafeBytes { source in
                buffer.withUnsafeMutableBytes { target in
                    g_converter_convert(
                        converter, source.baseAddress.map { $0 + offset }, gsize(source.count - offset),
                        target.baseAddress, gsize(target.count), G_CONVERTER_INPUT_AT_END, &read, &written, nil)
                }
            }
            offset += Int(read)
            result += buffer[..<Int(written)]
            guard result.count <= limit else { return nil }
            if status == G_CONVERTER_FINISHED { return result }
            guard status == G_CONVERTER_CONVERTED, read + written > 0 else { return nil }
        }
    }
}
