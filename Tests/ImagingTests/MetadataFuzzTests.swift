import Foundation
import Fuzzing
import Testing

@testable import Imaging

/// Untrusted metadata, changed at random.
@Suite("Fuzzed metadata")
struct MetadataFuzzTests {
    private func expectNothingWrong(_ tally: FuzzCampaign.Tally) {
        #expect(tally.wrong.isEmpty, "\(tally.wrong.joined(separator: "\n"))")
        #expect(tally.accepted > 100 && tally.refused > 100, "\(tally.accepted) read, \(tally.refused) refused")
    }

    /// Filters metadata whose position must go, and encodes the rest for JPEG.
    private func verdict(_ metadata: ImageMetadata) -> FuzzCampaign.Verdict {
        let kept = metadata.filtered(by: .init(keepsMetadata: true))
        if kept.exif.contains(where: { $0.directory == .gps }) { return .wrong("a GPS directory is left") }
        if let packet = kept.xmp {
            let again = Exiv2Block().filteredXMP(packet) { key, _ in LocationWords.areInXMPKey(key) }
            guard let again else { return .wrong("the new XMP packet cannot be read") }
            if again.removed > 0 { return .wrong("a position is left") }
        }
        let encoded = EncodedMetadata(kept, format: .jpeg, width: 1, height: 1)
        if let block = encoded.exif, TIFFDirectory(firstOf: FileBytes(block)) == nil {
            return .wrong("the new EXIF block cannot be read")
        }
        return kept.exif.isEmpty && kept.xmp == nil && kept.iptc == nil ? .refused : .accepted
    }

    @Test("EXIF blocks")
    func exif() throws {
        let corpus = [true, false].map { ExifSamples.block(littleEndian: $0) }
        let tokens: [[UInt8]] = [
            [0x25, 0x88], [0x88, 0x25], [0x12, 0x01], [0x01, 0x12], [0, 5], [5, 0], [8, 0, 0, 0], [0, 0, 0, 50],
            [1, 0], [0, 1], [0xFF, 0xFF, 0xFF, 0xFF],
        ]
        let folder = try TemporaryFolder()
        let path = try folder.write([], to: "changed")
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        expectNothingWrong(
            FuzzCampaign("exif").run(Mutator(corpus: corpus, tokens: tokens, seed: 6)) { bytes in
                // An EXIF block has the structure of a TIFF file.
                guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
                    return .wrong("the file cannot be written")
                }
                let metadata = ImageMetadata(of: FileBytes(descriptor: descriptor, size: bytes.count), format: .tiff)
                if let orientation = metadata.orientation, !(1...8).contains(orientation) {
                    return .wrong("the orientation \(orientation)")
                }
                return verdict(metadata)
            })
    }

    @Test("XMP packets")
    func xmp() {
        let corpus = [
            XMPSamples.packet(
                #"tiff:Orientation="6" exif:GPSAltitude='5'"#,
                "<dc:title>Harbour</dc:title><exif:GPSTimeStamp>x</exif:GPSTimeStamp>"),
            XMPSamples.packet(#"other:a="b""#, "<dc:subject><rdf:Bag><rdf:li>a</rdf:li></rdf:Bag></dc:subject>"),
        ]
        let dictionary = [
            "<", ">", "/>", "</", "\"", "'", "=", " ", "tiff:Orientation", "exif:GPS", "exif:GPSLatitude=\"1\"",
            "rdf:parseType=\"Resource\"", "<rdf:Seq>", "xml:lang=\"x-default\"", "&amp;", "&#0;", "<![CDATA[",
        ]
        expectNothingWrong(
            FuzzCampaign("xmp").run(Mutator(corpus: corpus, dictionary: dictionary, seed: 7)) { bytes in
                var metadata = ImageMetadata()
                metadata.xmp = bytes
                return verdict(metadata)
            })
    }

    @Test("IPTC data sets and the Photoshop blocks around them")
    func iptc() {
        let dataSets = IPTCSamples.dataSets(["Harbour", "Lighthouse"])
        let corpus = [IPTCSamples.photoshopBlocks(dataSets), dataSets]
        let tokens: [[UInt8]] = [Array("8BIM".utf8), [4, 4], [4, 0x22], [0x1C, 2, 120], [0x80, 4], [0xFF, 0xFF]]
        expectNothingWrong(
            FuzzCampaign("iptc").run(Mutator(corpus: corpus, tokens: tokens, seed: 9)) { bytes in
                var raw = RawMetadata(of: FileBytes([]), format: .gif)
                raw.addPhotoshopBlocks(bytes)
                var metadata = ImageMetadata()
                metadata.iptc = raw.iptc ?? bytes
                return verdict(metadata)
            })
    }

    @Test("chunks of PNG files, and first bytes of all formats")
    func chunks() throws {
        func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
            let length = data.count
            return (0..<4).reversed().map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(name.utf8) + data
                + [0, 0, 0, 0]
        }
        let start: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", [UInt8](0..<13))
        let exif = chunk("eXIf", ExifSamples.block(littleEndian: true))
        let end = chunk("IDAT", [1, 2, 3]) + chunk("IEND", [])
        let tokens =
            ["eXIf", "IEND", "IDAT", "iTXt", "RIFF", "WEBP", "II*\0", "GIF89a", "BM", "<?xml", "<svg", "ftypheic"].map {
                Array($0.utf8)
            } + [[0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xD8, 0xFF], [0, 0, 0, 0]]
        let folder = try TemporaryFolder()
        let descriptor = open(folder.file("changed"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        expectNothingWrong(
            FuzzCampaign("png").run(Mutator(corpus: [start + exif + end, start + end], tokens: tokens, seed: 8)) {
                bytes in
                guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
                    return .wrong("the file cannot be written")
                }
                let file = FileBytes(descriptor: descriptor, size: bytes.count)
                let chunks = PNGChunks(file: file)
                let metadata = ImageMetadata(of: file, format: .png)
                if let orientation = metadata.orientation, !(1...8).contains(orientation) {
                    return .wrong("the orientation \(orientation)")
                }
                let finding = FormatSniffer.format(ofFirstBytes: Array(bytes.prefix(FormatSniffer.byteCount)))
                for format in ImageFormat.allCases {
                    _ = FileCompleteness.endsTooEarly(file, format: format, decoderText: "")
                }
                return chunks.endsTooEarly || finding != .readable(.png) ? .refused : .accepted
            })
    }

    /// Each of these packets would take many minutes if the time grew with the square of the length.
    @Test("long hostile packets take linear time")
    func repetition() throws {
        for text in ["<exif:GPSa>", " exif:GPSa='", "<tiff:Orientation ", "]", "<!--"] {
            var metadata = ImageMetadata()
            metadata.xmp = Array(String(repeating: text, count: 20_000).utf8)
            #expect(metadata.filtered(by: .init(keepsMetadata: true)).xmp == nil)
        }
        // A GPS directory of 65,535 entries whose values are each the whole block.
        func number(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
        var block: [UInt8] = [0x49, 0x49, 0x2A, 0] + number(8, 4) + number(1, 2)
        block += number(0x8825, 2) + number(4, 2) + number(1, 4) + number(26, 4) + number(0, 4) + number(65_535, 2)
        for _ in 0..<65_535 { block += number(2, 2) + number(7, 2) + number(700_000, 4) + number(0, 4) }
        let folder = try TemporaryFolder()
        let handle = try #require(FileHandle(forReadingAtPath: try folder.write(block, to: "hostile")))
        defer { try? handle.close() }
        let file = FileBytes(descriptor: handle.fileDescriptor, size: block.count)
        #expect(ImageMetadata(of: file, format: .tiff).exif.count <= 2)
    }
}
