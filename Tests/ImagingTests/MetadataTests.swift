import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    @Suite("Metadata")
    struct MetadataTests {
        static let xmp = XMPSamples.packet(
            #"dc:format="image/jpeg" tiff:Orientation="6" exif:GPSLatitude="48,8.1N" xmp:Rating='4'"#,
            "<exif:GPSLongitude>11,34.5E</exif:GPSLongitude><dc:source>Harbour</dc:source>")

        /// Writes a rotated photograph with all kinds of metadata, and copies it as a result is written.
        private func copy(to format: ImageFormat, _ policy: ImageMetadata.Policy) throws -> (ImageMetadata, [UInt8]) {
            let folder = try TemporaryFolder()
            let photograph = try TestImage(width: 40, height: 30, bands: 3, space: VIPS_INTERPRETATION_sRGB)
            let image = photograph.image
            image.set("orientation", 6)
            image.set("exif-ifd0-Make", "Lighthouse (Lighthouse, ASCII, 11 components, 11 bytes)")
            image.set("exif-ifd3-GPSLatitudeRef", "N (N, ASCII, 2 components, 2 bytes)")
            image.set("exif-ifd3-GPSLatitude", "48/1 8/1 30/1 (48, 8, 30, Rational, 3 components, 24 bytes)")
            image.set("xmp-data", Self.xmp)
            let turned = folder.file("turned.jpg")
            // 300 dots per inch horizontally, 150 vertically.
            let scaled = try photograph.applying("copy", ["xres": "11.811", "yres": "5.9055"])
            scaled.image.set("resolution-unit", "in")
            try scaled.save("jpegsave", to: turned, ["profile": "srgb"])

            return try withReader(turned) { reader in
                #expect(reader.metadata.tag(.gps, 2) != nil)
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
            #expect(metadata.xmp == nil && metadata.texts.isEmpty)
            #expect(metadata.profile != nil)
            // The image was rotated, so its two resolutions were exchanged.
            #expect(abs(try #require(metadata.horizontalResolution) - 5.9055) < 0.02)
            #expect(abs(try #require(metadata.verticalResolution) - 11.811) < 0.02)
            #expect(!contains(bytes, "Lighthouse") && !contains(bytes, "Harbour"))
        }

        @Test("kept metadata does not contain the GPS position", arguments: [ImageFormat.jpeg, .png, .webp, .tiff])
        func kept(format: ImageFormat) throws {
            let (metadata, bytes) = try copy(to: format, ImageMetadata.Policy(keepsMetadata: true))
            #expect(metadata.tag(.image, 0x010F)?.text == "Lighthouse")
            #expect(!metadata.exif.contains { $0.directory == .gps })
            #expect(contains(bytes, "Harbour") && !contains(bytes, "GPSL"))
            #expect(!contains(bytes, "tiff:Orientation"))
        }

        @Test("the GPS position is kept if requested")
        func location() throws {
            let policy = ImageMetadata.Policy(keepsMetadata: true, keepsLocation: true)
            let (metadata, bytes) = try copy(to: .jpeg, policy)
            #expect(metadata.tag(.gps, 2) != nil)
            #expect(contains(bytes, "GPSLatitude"))
        }
    }
}

@Suite("Metadata that do not fit")
struct UnfitMetadataTests {
    private let large: ImageMetadata = {
        var metadata = ImageMetadata()
        metadata.exif = [
            ExifTag(directory: .image, number: 0x010F, type: 2, count: 3, value: Array("Me\0".utf8)),
            .undefined(.photo, 0x9286, [UInt8](repeating: 0x41, count: 150_000)),
        ]
        metadata.xmp = [UInt8](repeating: 0x20, count: 150_000)
        metadata.iptc = [UInt8](repeating: 0x20, count: 150_000)
        metadata.texts = [ImageText(keyword: "Comment", text: String(repeating: "a", count: 150_000))]
        return metadata
    }()

    @Test("data above 64 kB are left out of JPEG, each with a note, and the rest stays")
    func jpeg() throws {
        let encoded = EncodedMetadata(large, format: .jpeg, width: 1, height: 1)
        #expect(encoded.notes.count == 4 && encoded.xmp == nil && encoded.iptc == nil && encoded.texts.isEmpty)
        let block = try #require(encoded.exif)
        #expect(block.count < 1000 && TIFFDirectory(firstOf: FileBytes(block)) != nil)
        var budget = 1000
        let tags = TIFFDirectory(firstOf: FileBytes(block))?.tags(budget: &budget) ?? []
        #expect(tags.contains { $0.number == 0x010F && $0.text == "Me" })
    }

    @Test("PNG and WebP hold large EXIF and XMP data, but no IPTC data")
    func others() {
        for format in [ImageFormat.png, .webp] {
            let encoded = EncodedMetadata(large, format: format, width: 1, height: 1)
            #expect((encoded.exif?.count ?? 0) > 150_000 && (encoded.xmp?.count ?? 0) > 150_000)
            #expect(encoded.iptc == nil && encoded.notes.count == (format == .png ? 1 : 2))
        }
        #expect(EncodedMetadata(large, format: .tiff, width: 1, height: 1).iptc != nil)
    }

    @Test("a tag of a wrong type, maker notes and unknown tags leave a note")
    func notes() {
        var metadata = ImageMetadata()
        metadata.exif = [
            ExifTag(directory: .image, number: 0x010F, type: 4, count: 1, value: [1, 0, 0, 0]),
            ExifTag(directory: .image, number: 0xFDE8, type: 4, count: 1, value: []),
            .undefined(.photo, 0x927C, []),
        ]
        let kept = metadata.filtered(by: .init(keepsMetadata: true))
        #expect(kept.exif.isEmpty)
        #expect(
            kept.notes == [
                "The camera's maker notes were not kept.", "These EXIF tags were not kept: 0x010f, 0xfde8.",
            ])
        #expect(metadata.filtered(by: .init()).notes.isEmpty)
    }

    @Test("a result whose input had a broken profile says that it is in sRGB")
    func colourSpace() throws {
        var metadata = ImageMetadata()
        metadata.statesColourSpace = true
        for format in [ImageFormat.jpeg, .png, .webp] {
            let block = try #require(EncodedMetadata(metadata, format: format, width: 1, height: 1).exif)
            var budget = 1000
            let photo = TIFFDirectory(firstOf: FileBytes(block))?.directory(at: .photoDirectory)
            #expect(photo?.tags(as: .photo, budget: &budget).first { $0.number == 0xA001 }?.integer == 1)
        }
    }
}

@Suite("XMP")
struct XMPFilterTests {
    private func filtered(_ packet: [UInt8], keepsLocation: Bool = false) -> ImageMetadata {
        var metadata = ImageMetadata()
        metadata.xmp = packet
        return metadata.filtered(by: .init(keepsMetadata: true, keepsLocation: keepsLocation))
    }

    private func text(_ metadata: ImageMetadata) -> String { String(decoding: metadata.xmp ?? [], as: UTF8.self) }

    @Test(
        "a position goes, in any namespace and spelling",
        arguments: [
            #"exif:GPSLatitude="48,8N""#, #"drone-dji:GpsLatitude="48.1""#, #"drone-dji:AbsoluteAltitude="+520""#,
            #"other:geoLONGITUDE="11""#, #"other:lat="48""#, #"other:Location="48 11""#,
        ])
    func positions(attribute: String) {
        let packet = XMPSamples.packet("xmp:Rating=\"4\" \(attribute)", "")
        let result = filtered(packet)
        #expect(text(result).contains("Rating") && result.notes.count == 1)
        let name = attribute.prefix { $0 != "=" }
        #expect(!text(result).contains(name))
        #expect(text(filtered(packet, keepsLocation: true)).contains(name))
    }

    @Test("a position inside a structure goes")
    func structures() {
        let packet = XMPSamples.packet(
            "",
            "<other:Place rdf:parseType=\"Resource\"><other:GPSLatitude>48</other:GPSLatitude></other:Place>"
                + "<dc:source>Harbour</dc:source>")
        let result = text(filtered(packet))
        #expect(result.contains("Harbour") && !result.contains("GPS"))
    }

    @Test("what describes the input file or its other images goes")
    func untrue() {
        let packet = XMPSamples.packet(
            #"tiff:Orientation="6" tiff:ImageWidth="64" exif:PixelXDimension="64" hdrgm:Version="1.0" GCamera:MotionPhoto="1""#,
            "<dc:source>Harbour</dc:source>")
        let result = filtered(packet)
        for name in ["Orientation", "64", "hdrgm", "Motion"] { #expect(!text(result).contains(name)) }
        #expect(text(result).contains("Harbour") && result.notes.count == 1)
    }

    @Test("a damaged packet is dropped with a note")
    func damaged() {
        let result = filtered(Array("<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>".utf8))
        #expect(result.xmp == nil)
        #expect(result.notes == ["The XMP data are damaged and were not kept."])
    }
}
