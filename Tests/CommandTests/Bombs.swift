import Foundation

/// Small files that decompress to large images.
enum Bombs {
    /// All bombs, by the file name under which a daemon gets them.
    static func all() -> [String: [UInt8]] {
        let text = Array("Comment".utf8) + [0, 0] + zlib(zeros: 160_000_000)
        let profile = Array("bomb".utf8) + [0, 0] + zlib(zeros: 160_000_000)
        let screen: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        var gif = Array("GIF89a".utf8) + screen + [0x80, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF]
        gif += [0x2C, 0, 0, 0, 0] + screen + [0, 2, 2, 0x44, 1, 0, 0x3B]
        return [
            "interlaced.png": png(side: 20_000, isInterlaced: true, pixels: 20_000 * 20_000 / 8 + 20_000 * 8),
            "progressive.jpg": progressiveJPEG(side: 20_000),
            "text.png": png(side: 16, chunk: ("zTXt", text)),
            "profile.png": png(side: 16, chunk: ("iCCP", profile)),
            "tile.tif": tiff(side: 16, tile: 1 << 20),
            "side.tif": tiff(side: 1 << 30, tile: 16),
            "screen.gif": gif,
        ]
    }

    // MARK: - PNG

    /// A PNG with one bit per pixel, all black, or with `pixels` as its image data.
    private static func png(
        side: Int, isInterlaced: Bool = false, pixels: Int? = nil, chunk extra: (String, [UInt8])? = nil
    ) -> [UInt8] {
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        bytes += chunk("IHDR", big32(side) + big32(side) + [1, 0, 0, 0, isInterlaced ? 1 : 0])
        if let extra { bytes += chunk(extra.0, extra.1) }
        bytes += chunk("IDAT", zlib(zeros: pixels ?? side * (side / 8 + 1)))
        return bytes + chunk("IEND", [])
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return big32(data.count) + body + big32(Int(crc(body)))
    }

    /// Zeros, compressed as well as zlib's fixed codes allow: one zero, then copies of 258 bytes at distance 1.
    private static func zlib(zeros: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x78, 0x9C]
        var (buffer, used) = (UInt32(0), UInt32(0))
        func put(_ bits: UInt32, _ count: UInt32) {
            buffer |= bits << used
            used += count
            while used >= 8 {
                bytes.append(UInt8(buffer & 0xFF))
                buffer >>= 8
                used -= 8
            }
        }
        put(0b011, 3)  // the last block, fixed codes
        // Codes are written from their highest bit: literal 0 is 00110000, length 258 is 11000101, distance 1 is 00000.
        for _ in 0..<(zeros % 258 == 0 ? 258 : zeros % 258) { put(0b0000_1100, 8) }
        for _ in 0..<((zeros - 1) / 258) { put(0b0_0000_1010_0011, 13) }
        put(0, 7)  // the end
        if used > 0 { put(0, 8 - used) }
        // Adler-32 of zeros: the low half is 1, the high half is the number of zeros.
        return bytes + big32(zeros % 65_521 << 16 | 1)
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var table = [UInt32](0..<256)
        for index in table.indices {
            for _ in 0..<8 {
                table[index] = table[index] & 1 == 1 ? table[index] >> 1 ^ 0xEDB8_8320 : table[index] >> 1
            }
        }
        var sum = UInt32.max
        for byte in bytes { sum = sum >> 8 ^ table[Int((sum ^ UInt32(byte)) & 0xFF)] }
        return ~sum
    }

    private static func big32(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) } }

    // MARK: - JPEG

    /// A progressive JPEG with all of its scans, which contain no data: the decoder must keep every coefficient.
    private static func progressiveJPEG(side: Int) -> [UInt8] {
        func segment(_ marker: UInt8, _ data: [UInt8]) -> [UInt8] {
            [0xFF, marker, UInt8((data.count + 2) >> 8), UInt8((data.count + 2) & 0xFF)] + data
        }
        let size: [UInt8] = [UInt8(side >> 8), UInt8(side & 0xFF)]
        let components: [UInt8] = [3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]
        let frame: [UInt8] = [8] + size + size + components
        // A table with one code of one bit: 0, no difference, or 0xE0, the end of 2^14 or more blocks.
        func table(_ kind: UInt8, _ symbol: UInt8) -> [UInt8] {
            segment(0xC4, [kind, 1] + [UInt8](repeating: 0, count: 15) + [symbol])
        }
        let blocks = (side / 8) * (side / 8)
        var bytes: [UInt8] = [0xFF, 0xD8] + segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
        bytes += segment(0xC2, frame) + table(0x00, 0) + table(0x10, 0xE0)
        bytes += segment(0xDA, [3, 1, 0, 2, 0, 3, 0, 0, 0, 0]) + [UInt8](repeating: 0, count: 3 * blocks / 8 + 1)
        // 15 bits for 2^14 blocks: the code, and the run's length above 2^14.
        let runs = [UInt8](repeating: 0, count: 15 * (blocks >> 14 + 1) / 8 + 1)
        for component in 1...3 as ClosedRange<UInt8> { bytes += segment(0xDA, [1, component, 0, 1, 63, 0]) + runs }
        return bytes + [0xFF, 0xD9]
    }

    // MARK: - TIFF

    /// A TIFF file with one tile and any claimed size.
    private static func tiff(side: Int, tile: Int) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
        let fields = [
            (256, side), (257, side), (258, 8), (259, 1), (262, 1), (277, 1), (322, tile), (323, tile), (324, 4096),
            (325, 64),
        ]
        var bytes = Array("II*\0".utf8)
        bytes += little(8, 4) + little(fields.count, 2)
        for (tag, value) in fields { bytes += little(tag, 2) + little(4, 2) + little(1, 4) + little(value, 4) }
        bytes += little(0, 4)
        return bytes + [UInt8](repeating: 0, count: 4096 + 64 - bytes.count)
    }
}
