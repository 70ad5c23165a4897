import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    @Suite("Metadata")
    struct MetadataTests {
        static let xmp = """
            <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description dc:format="image/jpeg" tiff:Orientation="6"
             exif:GPSLatitude="48,8.1N" xmp:Rating='4'><exif:GPSLongitude>11,34.5E</exif:GPSLongitude>
             <tiff:Orientation/><dc:title>Harbour</dc:title></rdf:Description></x:xmpmeta>
            """

        /// Writes a rotated photograph with all kinds of metadata, and copies it as a result is written.
        private func copy(to format: ImageFormat, _ policy: ImageMetadata.Policy) throws -> (ImageMetadata, [UInt8]) {
            let folder = try TemporaryFolder()
            let photograph = try TestImage(width: 40, height: 30, bands: 3, space: VIPS_INTERPRETATION_sRGB)
            let image = photograph.image
            image.set("orientation", 6)
            image.set("exif-ifd0-Make", "Lighthouse (Lighthouse, ASCII, 11 components, 11 bytes)")
            image.set("exif-ifd3-GPSLatitudeRef", "N (N, ASCII, 2 components, 2 bytes)")
            image.set("exif-ifd3-GPSLatitude", "48/1 8/1 30/1 (48, 8, 30, Rational, 3 components, 24 bytes)")
            image.set("xmp-data", Array(Self.xmp.utf8))
            let turned = folder.file("turned.jpg")
            // 300 dots per inch horizontally, 150 vertically.
            let scaled = try photograph.applying("copy", ["xres": "11.811", "yres": "5.9055"])
            scaled.image.set("resolution-unit", "in")
            try scaled.save("jpegsave", to: turned, ["profile": "srgb"])

            return try withReader(turned) { reader in
                #expect(reader.metadata.exifFields.contains { $0.name == "exif-ifd3-GPSLatitude" })
                let writer = try ImageWriter(
                    format: format, width: reader.width, height: reader.height, layout: reader.layout,
                    metadata: reader.metadata.filtered(by: policy))
                let path = folder.file("copy")
                let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
                defer { close(descriptor) }
                let rows = WriterTests.MemoryRows(try allRows(reader), rowBytes: reader.width * 3)
                try writer.write(to: descriptor, rows: rows)
                return try withReader(path, DecodeOptions(allowedFormats: [format])) { copy in
                    // If the tag were kept, the upright pixels would be rotated again.
                    #expect(copy.width == 30 && copy.height == 40)
                    return (copy.metadata, try bytes(of: path))
                }
            }
        }

        private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
            Data(bytes).range(of: Data(text.utf8)) != nil
        }

        @Test("by default only resolution and profile are kept", arguments: [ImageFormat.jpeg, .png, .tiff])
        func stripped(format: ImageFormat) throws {
            let (metadata, bytes) = try copy(to: format, ImageMetadata.Policy())
            #expect(metadata.xmp == nil && metadata.comments.isEmpty)
            #expect(metadata.profile != nil)
            // The image was rotated, so its two resolutions were exchanged.
            #expect(abs(try #require(metadata.horizontalResolution) - 5.9055) < 0.02)
            #expect(abs(try #require(metadata.verticalResolution) - 11.811) < 0.02)
            #expect(!contains(bytes, "Lighthouse") && !contains(bytes, "Harbour"))
        }

        @Test("kept metadata does not contain the GPS position", arguments: [ImageFormat.jpeg, .webp])
        func kept(format: ImageFormat) throws {
            let (metadata, bytes) = try copy(to: format, ImageMetadata.Policy(keepsMetadata: true))
            #expect(metadata.exifFields.contains { $0.name == "exif-ifd0-Make" && $0.value.hasPrefix("Lighthouse") })
            #expect(!metadata.exifFields.contains { $0.name.hasPrefix("exif-ifd3-GPSL") })
            #expect(contains(bytes, "Harbour") && !contains(bytes, "GPSL"))
            #expect(!contains(bytes, "tiff:Orientation"))
        }

        @Test("the GPS position is kept if requested")
        func location() throws {
            let policy = ImageMetadata.Policy(keepsMetadata: true, keepsLocation: true)
            let (metadata, bytes) = try copy(to: .jpeg, policy)
            #expect(metadata.exifFields.contains { $0.name == "exif-ifd3-GPSLatitude" })
            #expect(contains(bytes, "GPSLatitude"))
        }
    }
}

@Suite("EXIF blocks")
struct ExifBlockTests {
    /// A block with an orientation, a GPS directory of one latitude, and another entry after them.
    static func block(littleEndian: Bool, prefix: Bool) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            let big = (0..<count).reversed().map { UInt8(value >> (8 * $0) & 0xFF) }
            return littleEndian ? big.reversed() : big
        }
        func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: [UInt8]) -> [UInt8] {
            number(tag, 2) + number(type, 2) + number(count, 4) + value
        }
        var bytes: [UInt8] = littleEndian ? [0x49, 0x49, 0x2A, 0] : [0x4D, 0x4D, 0, 0x2A]
        bytes += number(8, 4) + number(3, 2)
        bytes += entry(0x0112, 3, 1, number(6, 2) + [0, 0])
        bytes += entry(0x8825, 4, 1, number(50, 4))
        bytes += entry(0x9999, 3, 1, number(77, 2) + [0, 0])
        bytes += number(0, 4)
        bytes += number(1, 2) + entry(2, 5, 1, number(64, 4))
        bytes += number(4848, 4) + number(4849, 4)
        return (prefix ? Array("Exif\0\0".utf8) : []) + bytes
    }

    @Test("the orientation is found in both byte orders", arguments: [false, true], [false, true])
    func orientation(littleEndian: Bool, prefix: Bool) {
        #expect(ExifBlock(Self.block(littleEndian: littleEndian, prefix: prefix))?.orientation == 6)
    }

    @Test("the GPS directory is erased, the entries around it stay", arguments: [false, true], [false, true])
    func location(littleEndian: Bool, prefix: Bool) throws {
        let whole = Self.block(littleEndian: littleEndian, prefix: prefix)
        let result = try #require(ExifBlock(whole)?.removingLocation())
        #expect(result.bytes.count == whole.count)
        #expect(result.orientation == 6)
        let start = prefix ? 6 : 0
        #expect(result.bytes[(start + 8)..<(start + 10)].contains(2))
        #expect(result.bytes[(start + 22)..<(start + 34)] == whole[(start + 34)..<(start + 46)])
        #expect(result.bytes[(start + 34)...].allSatisfy { $0 == 0 })
        #expect(result.removingLocation()?.bytes == result.bytes)
    }

    @Test("a truncated block is refused, wherever it ends")
    func broken() {
        let whole = Self.block(littleEndian: true, prefix: false)
        for count in 0..<whole.count {
            #expect(ExifBlock(Array(whole.prefix(count)))?.removingLocation() == nil)
        }
    }
}

@Suite("XMP")
struct XMPFilterTests {
    private func filtered(_ text: String, keepsLocation: Bool = false) -> String {
        String(decoding: XMPFilter.filtered(Array(text.utf8), keepsLocation: keepsLocation), as: UTF8.self)
    }

    @Test("attributes and elements are removed completely, their neighbours stay")
    func cuts() {
        #expect(filtered(#"<a b="1" exif:GPSAltitude="5" c="2"/>"#) == #"<a b="1" c="2"/>"#)
        #expect(filtered("<a><exif:GPSTimeStamp>x</exif:GPSTimeStamp><b/></a>") == "<a><b/></a>")
        #expect(filtered(#"<a><tiff:Orientation rdf:x="1"/>t</a>"#) == "<a>t</a>")
        #expect(filtered(#"<a exif:GPSAltitude="5"/>"#, keepsLocation: true) == #"<a exif:GPSAltitude="5"/>"#)
    }

    @Test("a packet with a GPS position in an unusual form is dropped")
    func unusual() {
        #expect(filtered(#"<a e:GPSLatitude="48"/>"#).isEmpty)
        #expect(filtered("<exif:GPSLatitude>never closed").isEmpty)
    }
}
