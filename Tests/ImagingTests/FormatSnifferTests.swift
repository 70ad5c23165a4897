import Imaging
import Testing

@Suite("Format detection by first bytes")
struct FormatSnifferTests {
    @Test(
        "formats are told by their magic bytes",
        arguments: [
            ([0xFF, 0xD8, 0xFF, 0xE0], .readable(.jpeg)),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .readable(.png)),
            (Array("RIFF\u{10}\0\0\0WEBPVP8 ".utf8), .readable(.webp)),
            (Array("RIFF\u{10}\0\0\0WAVEfmt ".utf8), .unknown),
            (Array("II*\0\u{8}\0\0\0".utf8), .readable(.tiff)),
            (Array("GIF89a".utf8), .readable(.gif)),
            (Array("\0\0\0\u{18}ftypheic".utf8), .foreign("HEIF")),
            (Array("\0\0\0\u{18}ftypavif".utf8), .foreign("AVIF")),
            (Array("\0\0\0\u{18}ftypisom".utf8), .unknown),
            (Array("%PDF-1.7".utf8), .foreign("PDF")),
            (Array("<svg xmlns=".utf8), .foreign("SVG")),
            (Array("P6\n10 10\n255\n".utf8), .foreign("PNM")),
            (Array("BMW is a car, and this no image.".utf8), .unknown),
            (Array("Dear all, please find".utf8), .unknown),
            ([], .unknown),
        ] as [([UInt8], FormatSniffer.Finding)])
    func magic(bytes: [UInt8], finding: FormatSniffer.Finding) {
        #expect(FormatSniffer.format(ofFirstBytes: bytes) == finding)
    }
}
