@testable import Imaging

/// Puts metadata into image files that have none.
enum Containers {
    /// A JPEG file with segments after its start marker.
    static func jpeg(_ file: [UInt8], segments: [(marker: UInt8, payload: [UInt8])]) -> [UInt8] {
        file[..<2] + segments.flatMap { [0xFF, $0.marker] + BigEndian.bytes($0.payload.count + 2, 2) + $0.payload }
            + file[2...]
    }

    /// A WebP file in the extended format with further chunks after the pixels.
    static func webp(_ file: [UInt8], width: Int, height: Int, chunks: [(name: String, data: [UInt8])]) -> [UInt8] {
        func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
            Array(name.utf8) + LittleEndian.bytes(data.count, 4) + data + (data.count % 2 == 1 ? [0] : [])
        }
        // The flags announce EXIF and XMP.
        let header = [0x0C, 0, 0, 0] + LittleEndian.bytes(width - 1, 3) + LittleEndian.bytes(height - 1, 3)
        // libvips writes the extended format too: its header has 18 bytes, and its EXIF block stands at the end.
        let start = file[12..<16].elementsEqual("VP8X".utf8) ? 30 : 12
        let end = start + 8 + (LittleEndian.number(file[(start + 4)..<(start + 8)]) + 1) & ~1
        let body =
            Array("WEBP".utf8) + chunk("VP8X", header) + file[start..<end] + chunks.flatMap { chunk($0.name, $0.data) }
        return Array("RIFF".utf8) + LittleEndian.bytes(body.count, 4) + body
    }

    /// A PNG file with further chunks after its pixels.
    static func png(_ file: [UInt8], before: [(String, [UInt8])] = [], after: [(String, [UInt8])] = []) -> [UInt8] {
        var result = file
        for (name, data) in before.reversed() { result = PNGSurgery.inserting(name, data, into: result) }
        // The last chunk, IEND, has 12 bytes.
        return result.dropLast(12) + after.flatMap { PNGSurgery.chunk($0.0, $0.1) } + result.suffix(12)
    }
}
