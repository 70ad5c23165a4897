/// The beginning of a WebP file: a header that announces the metadata, and the colour profile. EXIF and XMP follow the
/// pixels.
struct WebPHead: FileHead {
    let metadata: EncodedMetadata
    let width: Int
    let height: Int

    /// Replaces the file's header and, if there is one, the header of the extended format, both as libwebp writes them.
    func replacement(for start: [UInt8]) -> [UInt8]? {
        guard start.count >= 30 else { return nil }
        let profile = metadata.metadata.profile.map { Self.chunk("ICCP", $0) } ?? []
        guard !profile.isEmpty || !tail.isEmpty else { return start }
        let isExtended = start[12..<16].elementsEqual("VP8X".utf8)
        let alpha = isExtended ? start[20] & Self.alphaFlag : 0
        let pixels = start[(isExtended ? 30 : 12)...]
        let pixelBytes = LittleEndian.number(start[4..<8]) - 4 - (isExtended ? 18 : 0)
        var flags = alpha
        if !profile.isEmpty { flags |= Self.profileFlag }
        if metadata.exif != nil { flags |= Self.exifFlag }
        if metadata.xmp != nil { flags |= Self.xmpFlag }
        let header = Self.chunk(
            "VP8X", [flags, 0, 0, 0] + LittleEndian.bytes(width - 1, 3) + LittleEndian.bytes(height - 1, 3))
        let size = 4 + header.count + profile.count + pixelBytes + tail.count
        return Array("RIFF".utf8) + LittleEndian.bytes(size, 4) + Array("WEBP".utf8) + header + profile + pixels
    }

    var tail: [UInt8] {
        (metadata.exif.map { Self.chunk("EXIF", $0) } ?? []) + (metadata.xmp.map { Self.chunk("XMP ", $0) } ?? [])
    }

    private static let profileFlag: UInt8 = 0x20
    private static let alphaFlag: UInt8 = 0x10
    private static let exifFlag: UInt8 = 0x08
    private static let xmpFlag: UInt8 = 0x04

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        Array(name.utf8) + LittleEndian.bytes(data.count, 4) + data + (data.count % 2 == 1 ? [0] : [])
    }
}
