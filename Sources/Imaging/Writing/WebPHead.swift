/// A WebP file with metadata: a header that announces them and the colour profile before the pixels, EXIF and XMP after
/// them.
struct WebPHead: FileHead {
    let metadata: EncodedMetadata
    let width: Int
    let height: Int

    /// Replaces the whole file, of which only the pixels stay: libvips 8.14 adds an EXIF block with a resolution, even
    /// if it shall write no metadata. The encoder has the file in memory anyway.
    func replacement(for start: [UInt8]) -> [UInt8]? {
        guard start.count >= 12, start.count >= LittleEndian.number(start[4..<8]) + 8 else { return nil }
        var (pixels, hasAlpha): ([UInt8], Bool) = ([], false)
        var offset = 12
        while offset + 8 <= start.count {
            let name = String(decoding: start[offset..<(offset + 4)], as: UTF8.self)
            let length = LittleEndian.number(start[(offset + 4)..<(offset + 8)])
            let end = min(start.count, offset + 8 + length + length % 2)
            if ["ALPH", "VP8 ", "VP8L"].contains(name) { pixels += start[offset..<end] }
            if name == "VP8X" { hasAlpha = start[offset + 8] & Self.alphaFlag != 0 }
            offset = end
        }
        let profile = metadata.metadata.profile.map { Self.chunk("ICCP", $0) } ?? []
        let exif = metadata.exif.map { Self.chunk("EXIF", $0) } ?? []
        let xmp = metadata.xmp.map { Self.chunk("XMP ", $0) } ?? []
        var flags: UInt8 = hasAlpha ? Self.alphaFlag : 0
        if !profile.isEmpty { flags |= Self.profileFlag }
        if !exif.isEmpty { flags |= Self.exifFlag }
        if !xmp.isEmpty { flags |= Self.xmpFlag }
        let header = Self.chunk(
            "VP8X", [flags, 0, 0, 0] + LittleEndian.bytes(width - 1, 3) + LittleEndian.bytes(height - 1, 3))
        var body = Array("WEBP".utf8)
        for part in [flags == 0 ? [] : header, profile, pixels, exif, xmp] { body += part }
        return Array("RIFF".utf8) + LittleEndian.bytes(body.count, 4) + body
    }

    private static let profileFlag: UInt8 = 0x20
    private static let alphaFlag: UInt8 = 0x10
    private static let exifFlag: UInt8 = 0x08
    private static let xmpFlag: UInt8 = 0x04

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        Array(name.utf8) + LittleEndian.bytes(data.count, 4) + data + (data.count % 2 == 1 ? [0] : [])
    }
}
