/// The beginning of a PNG file: the chunks with metadata, before the pixels.
struct PNGHead: FileHead {
    let metadata: EncodedMetadata

    /// Replaces all chunks between the header and the pixels, which libpng writes.
    func replacement(for start: [UInt8]) -> [UInt8]? {
        let headerEnd = 8 + 12 + 13
        var offset = headerEnd
        while offset + 8 <= start.count {
            let name = start[(offset + 4)..<(offset + 8)]
            if name.elementsEqual("IDAT".utf8) { return start[..<headerEnd] + chunks + start[offset...] }
            offset += 12 + BigEndian.number(start[offset..<(offset + 4)])
        }
        return nil
    }

    private var chunks: [UInt8] {
        var bytes: [UInt8] = []
        let plain = metadata.metadata
        if let profile = plain.profile, let packed = ZlibStream.deflated(profile) {
            bytes += Self.chunk("iCCP", Array("icc\0\0".utf8) + packed)
        }
        if let horizontal = Self.perMetre(plain.horizontalResolution),
            let vertical = Self.perMetre(plain.verticalResolution)
        {
            bytes += Self.chunk("pHYs", BigEndian.bytes(horizontal, 4) + BigEndian.bytes(vertical, 4) + [1])
        }
        if let exif = metadata.exif { bytes += Self.chunk("eXIf", exif) }
        if let xmp = metadata.xmp {
            bytes += Self.chunk("iTXt", Array("XML:com.adobe.xmp\0\0\0\0\0".utf8) + xmp)
        }
        for text in metadata.texts {
            if let chunk = text.chunk {
                bytes += Self.chunk(chunk.name, chunk.data)
            } else {
                bytes += Self.chunk("iTXt", Array("\(text.keyword)\0\0\0\0\0\(text.text)".utf8))
            }
        }
        return bytes
    }

    private static func perMetre(_ perMillimetre: Double?) -> Int? {
        guard let value = perMillimetre.flatMap({ Int(exactly: ($0 * 1000).rounded()) }) else { return nil }
        return (1...0x7FFF_FFFF).contains(value) ? value : nil
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return BigEndian.bytes(data.count, 4) + body + BigEndian.bytes(Int(checksum(body)), 4)
    }

    /// The checksum of a chunk, CRC-32.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
}
