import Foundation

/// Builds and changes PNG files chunk by chunk.
enum PNGSurgery {
    /// The file with a chunk inserted after its header.
    static func inserting(_ name: String, _ data: [UInt8], into png: [UInt8]) -> [UInt8] {
        let headerEnd = 8 + 12 + 13
        return Array(png[..<headerEnd]) + chunk(name, data) + Array(png[headerEnd...])
    }

    /// A file that has a header but no pixel data.
    static func headerOnly(width: Int, height: Int, interlaced: Bool) -> [UInt8] {
        let header = big32(width) + big32(height) + [8, 2, 0, 0, interlaced ? 1 : 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
            + chunk("IDAT", [0x78, 0x9C, 3, 0])
            + chunk("IEND", [])
    }

    /// An EXIF block with only the orientation.
    static func exif(orientation: Int) -> [UInt8] {
        Array("MM\0*".utf8) + big32(8) + [0, 1, 0x01, 0x12, 0, 3] + big32(1) + [0, UInt8(orientation), 0, 0] + big32(0)
    }

    static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return big32(data.count) + body + big32(Int(checksum(body)))
    }

    private static func big32(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
