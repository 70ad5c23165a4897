/// Detects a file's format from its first bytes. The file name is ignored: its extension can be wrong, and libvips
/// interprets parts of a file name as decoder options.
public enum FormatSniffer {
    /// The format that the first bytes indicate.
    public enum Finding: Sendable, Equatable {
        /// A format that can be read.
        case readable(ImageFormat)
        /// A known image format, by its name, that cannot be read.
        case foreign(String)
        /// Not a known image format.
        case unknown
    }

    /// The number of bytes that suffices to detect every known format.
    public static let byteCount = 32

    /// Detects the format of a file that begins with these bytes.
    public static func format(ofFirstBytes bytes: [UInt8]) -> Finding {
        func starts(_ text: String, at offset: Int = 0) -> Bool {
            bytes.count >= offset + text.utf8.count && bytes[offset...].starts(with: text.utf8)
        }
        func starts(_ magic: [UInt8]) -> Bool { bytes.starts(with: magic) }

        if starts([0xFF, 0xD8, 0xFF]) { return .readable(.jpeg) }
        if starts([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .readable(.png) }
        if starts("RIFF") && starts("WEBP", at: 8) { return .readable(.webp) }
        if starts("II*\0") || starts("MM\0*") || starts("II+\0") || starts("MM\0+") { return .readable(.tiff) }
        if starts("GIF87a") || starts("GIF89a") { return .readable(.gif) }

        if starts("ftyp", at: 4) {
            if ["avif", "avis"].contains(where: { starts($0, at: 8) }) { return .foreign("AVIF") }
            let heif = ["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"]
            if heif.contains(where: { starts($0, at: 8) }) { return .foreign("HEIF") }
            if starts("crx ", at: 8) { return .foreign("Canon raw") }
        }
        if starts([0x00, 0x00, 0x00, 0x0C]) && starts("jP  ", at: 4) { return .foreign("JPEG 2000") }
        if starts([0xFF, 0x4F, 0xFF, 0x51]) { return .foreign("JPEG 2000") }
        if starts([0x00, 0x00, 0x00, 0x0C]) && starts("JXL ", at: 4) { return .foreign("JPEG XL") }
        if starts([0xFF, 0x0A]) { return .foreign("JPEG XL") }
        if starts([0x76, 0x2F, 0x31, 0x01]) { return .foreign("OpenEXR") }
        if starts("8BPS") { return .foreign("Photoshop") }
        if starts("#?RADIANCE") { return .foreign("Radiance") }
        if starts("qoif") { return .foreign("QOI") }
        if starts("SIMPLE  =") { return .foreign("FITS") }
        if starts("%PDF-") { return .foreign("PDF") }
        if starts("<svg") || (starts("<?xml") && contains("<svg", bytes)) { return .foreign("SVG") }
        if starts("BM") && isBitmapHeader(bytes) { return .foreign("BMP") }
        if starts([0x00, 0x00, 0x01, 0x00]) && bytes.count > 5 && bytes[5] == 0 && bytes[4] > 0 {
            return .foreign("ICO")
        }
        if bytes.count > 2, bytes[0] == UInt8(ascii: "P"), (0x31...0x37).contains(bytes[1]),
            [0x09, 0x0A, 0x0D, 0x20].contains(bytes[2])
        {
            return .foreign("PNM")
        }
        return .unknown
    }

    /// Whether a file that begins with "BM" is a bitmap. Plain text may also begin with these letters; only a bitmap
    /// has zeros in its reserved fields and a known header size.
    private static func isBitmapHeader(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 18 else { return false }
        return bytes[6..<10].allSatisfy { $0 == 0 } && [12, 40, 52, 56, 64, 108, 124].contains(bytes[14])
            && bytes[15..<18].allSatisfy { $0 == 0 }
    }

    private static func contains(_ text: String, _ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).containsText(text)
    }
}
