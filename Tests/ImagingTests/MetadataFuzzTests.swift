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

    @Test("EXIF blocks")
    func exif() {
        let corpus = [true, false].flatMap { littleEndian in
            [true, false].map { ExifBlockTests.block(littleEndian: littleEndian, prefix: $0) }
        }
        let tokens: [[UInt8]] = [
            [0x25, 0x88], [0x88, 0x25], [0x12, 0x01], [0x01, 0x12], [0, 5], [5, 0], [8, 0, 0, 0], [0, 0, 0, 50],
            [1, 0],
            [0, 1], [0xFF, 0xFF, 0xFF, 0xFF],
        ]
        expectNothingWrong(
            FuzzCampaign("exif").run(Mutator(corpus: corpus, tokens: tokens, seed: 6)) { bytes in
                guard let block = ExifBlock(bytes) else { return .refused }
                if let orientation = block.orientation, !(1...8).contains(orientation) {
                    return .wrong("the orientation \(orientation)")
                }
                guard let cleared = block.removingLocation() else { return .refused }
                guard cleared.bytes.count == bytes.count else { return .wrong("another length") }
                return cleared.removingLocation()?.bytes == cleared.bytes ? .accepted : .wrong("a location is left")
            })
    }

    @Test("XMP packets")
    func xmp() {
        let corpus = [
            #"<x:xmpmeta><rdf:Description tiff:Orientation="6" exif:GPSAltitude='5' dc:title="t"/></x:xmpmeta>"#,
            "<a><exif:GPSTimeStamp>x</exif:GPSTimeStamp><tiff:Orientation>1</tiff:Orientation><b/></a>",
            "<dc:title>Harbour</dc:title>",
        ].map { Array($0.utf8) }
        let dictionary = [
            "<", ">", "/>", "</", "\"", "'", "=", " ", "tiff:Orientation", "exif:GPS", "exif:GPSLatitude=\"1\"",
            "<exif:GPSa>", "</exif:GPSa>", " tiff:Orientation=\"1\"",
        ]
        expectNothingWrong(
            FuzzCampaign("xmp").run(Mutator(corpus: corpus, dictionary: dictionary, seed: 7)) { bytes in
                let stripped = XMPFilter.filtered(bytes, keepsLocation: false)
                let kept = XMPFilter.filtered(bytes, keepsLocation: true)
                guard stripped.count <= bytes.count, kept.count <= bytes.count else { return .wrong("it grew") }
                if String(decoding: stripped, as: UTF8.self).contains("GPS") { return .wrong("a position is left") }
                return stripped.isEmpty ? .refused : .accepted
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
        let exif = chunk("eXIf", ExifBlockTests.block(littleEndian: true, prefix: false))
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
                if let orientation = chunks.orientation, !(1...8).contains(orientation) {
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
    func repetition() {
        func packet(_ text: String) -> [UInt8] { [UInt8](Data(String(repeating: text, count: 20_000).utf8)) }
        for text in [
            "<tiff:Orientation>", "<tiff:Orientation ", " tiff:Orientation=\"1\"", "<exif:GPSa>", " exif:GPSa='",
        ] {
            #expect(XMPFilter.filtered(packet(text), keepsLocation: false).count <= packet(text).count)
            #expect(XMPFilter.filtered(packet(text), keepsLocation: true).count <= packet(text).count)
        }
        // A GPS directory of 65,535 entries whose values are each the whole block.
        func number(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
        var block: [UInt8] = [0x49, 0x49, 0x2A, 0] + number(8, 4) + number(1, 2)
        block += number(0x8825, 2) + number(4, 2) + number(1, 4) + number(26, 4) + number(0, 4) + number(65_535, 2)
        for _ in 0..<65_535 { block += number(2, 2) + number(7, 2) + number(700_000, 4) + number(0, 4) }
        #expect(ExifBlock(block)?.removingLocation() == nil)
    }
}
