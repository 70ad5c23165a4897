import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    /// Files that lost data, but not their length or their end marker, so that decoders take them for whole.
    @Suite("Half images")
    struct HalfImageTests {
        private static let side = 160
        let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// The code of the error of reading a file to its last row; nil if reading succeeds.
        private func code(_ content: [UInt8], ahead: Bool = true) throws -> ImagingError.Code? {
            let path = try folder.write(content, to: "a")
            var options = DecodeOptions(allowedFormats: Set(ImageFormat.allCases))
            if !ahead { options.decodeAheadLimit = 0 }
            do {
                _ = try withReader(path, options) { try allRows($0) }
                return nil
            } catch let error as ImagingError {
                return error.code
            }
        }

        /// An image that no format compresses well, except its lower rows if they are black.
        private func image(blackRows: Int = 0) throws -> TestImage {
            var generator = SplitMix(state: 5)
            let samples = (0..<(3 * Self.side * Self.side)).map { index in
                index / (3 * Self.side) < Self.side - blackRows
                    ? UInt16(1 + (index / 48 * 37 + Int(generator.next() % 90)) % 255) : 0
            }
            return try TestImage(
                samples, width: Self.side, height: Self.side, bands: 3, space: VIPS_INTERPRETATION_sRGB)
        }

        private struct SplitMix: RandomNumberGenerator {
            var state: UInt64
            mutating func next() -> UInt64 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return state >> 33
            }
        }

        private func encoded(
            _ operation: String, _ options: [String: String] = [:], blackRows: Int = 0
        ) throws -> [UInt8] {
            let path = folder.file("whole")
            try image(blackRows: blackRows).save(operation, to: path, options)
            return try bytes(of: path)
        }

        /// A TIFF file with its directory first, and the pixels as libtiff compresses them.
        private func tiff(compression: String, number: Int, blackRows: Int = 0) throws -> [UInt8] {
            let options = compression == "none" ? [:] : ["compression": compression]
            let path = folder.file("whole.tif")
            try image(blackRows: blackRows).save(
                "tiffsave", to: path,
                options.merging(["tile": "true", "tile-width": "160", "tile-height": "160"]) { $1 })
            let content = try bytes(of: path)
            let handle = try #require(FileHandle(forReadingAtPath: path))
            defer { try? handle.close() }
            let directory = try #require(
                TIFFDirectory(firstOf: FileBytes(descriptor: handle.fileDescriptor, size: content.count)))
            let start = try #require(directory.value(.tileOffsets))
            let count = try #require(directory.value(.tileByteCounts))
            return TIFFBuilder.file([
                TIFFBuilder.Page(
                    width: Self.side, height: Self.side, bits: [8, 8, 8], photometric: 2, compression: number,
                    data: Array(content[start..<(start + count)]))
            ])
        }

        private func padded(_ content: [UInt8], keeping part: Double) -> [UInt8] {
            let kept = Int(Double(content.count) * part)
            return content[..<kept] + [UInt8](repeating: 0, count: content.count - kept)
        }

        @Test(
            "zeros in place of the rest",
            arguments: [
                ("jpegsave", [:]), ("jpegsave", ["interlace": "true"]), ("jpegsave", ["optimize-coding": "true"]),
                ("pngsave", [:]), ("webpsave", ["strip": "true"]), ("webpsave", ["strip": "true", "lossless": "true"]),
                ("webpsave", [:]), ("gifsave", [:]),
            ] as [(String, [String: String])], [0.3, 0.52, 0.9])
        func zeros(format: (operation: String, options: [String: String]), part: Double) throws {
            let content = try encoded(format.operation, format.options)
            #expect(try code(content) == nil)
            #expect(try code(padded(content, keeping: part)) == .truncated)
            #expect(try code(padded(content, keeping: part), ahead: false) == .truncated)
        }

        @Test(
            "zeros in place of a TIFF file's pixels",
            arguments: [("none", 1), ("lzw", 5), ("deflate", 8), ("packbits", 32_773)], [0.31, 0.52, 0.91])
        func tiffZeros(compression: (String, Int), part: Double) throws {
            let content = try tiff(compression: compression.0, number: compression.1)
            #expect(try code(content) == nil)
            #expect(try code(padded(content, keeping: part)) == .truncated)
        }

        @Test("a JPEG file that an end marker closes too early", arguments: ["false", "true"], [true, false])
        func earlyEnd(progressive: String, ahead: Bool) throws {
            let content = try encoded("jpegsave", ["interlace": progressive])
            #expect(try code(content[..<(content.count / 2)] + [0xFF, 0xD9], ahead: ahead) == .truncated)
        }

        @Test(
            "a JPEG file that lacks only its end marker, or has data after it, is whole", arguments: ["false", "true"])
        func jpegEnd(progressive: String) throws {
            let content = try encoded("jpegsave", ["interlace": progressive])
            #expect(try code(content.dropLast(2)) == nil)
            #expect(try code(content + [UInt8](repeating: 0, count: 5000)) == nil)
            #expect(try code(content + Array("SEFT trailer of a camera".utf8)) == nil)
        }

        @Test("a JPEG file of cameras that write invalid scan parameters is whole")
        func invalidScan() throws {
            var content = try encoded("jpegsave")
            let scan = try #require(content.indices.last { content[$0...].starts(with: [0xFF, 0xDA, 0, 12, 3]) })
            // The spectral selection of a baseline file is 0 to 63.
            content[scan + 12] = 0
            #expect(try code(content) == nil)
        }

        @Test("a JPEG file that ends too early after a harmless warning", arguments: ["false", "true"], [true, false])
        func hiddenEnd(progressive: String, ahead: Bool) throws {
            let content = try encoded("jpegsave", ["interlace": progressive])
            // Bytes between two segments, which libjpeg skips with a warning.
            let noisy = Array(content[..<20] + [0x12, 0x34, 0x56, 0x78] + content[20...])
            #expect(try code(noisy, ahead: ahead) == nil)
            #expect(try code(noisy[..<(noisy.count * 3 / 5)] + [0xFF, 0xD9], ahead: ahead) == .truncated)
        }

        @Test("a progressive JPEG file that was cut between two scans")
        func missingScans() throws {
            let content = try encoded("jpegsave", ["interlace": "true"])
            let scans = content.indices.dropLast(1).filter { content[$0] == 0xFF && content[$0 + 1] == 0xDA }
            #expect(scans.count > 4)
            // The tables of the next scan stand before its header.
            for scan in scans.dropFirst() {
                let previous = scans.last { $0 < scan } ?? 0
                let tables = (previous..<scan).first { content[$0...].starts(with: [0xFF, 0xC4]) } ?? scan
                #expect(try code(content[..<tables] + [0xFF, 0xD9]) == .truncated)
            }
        }

        @Test("a later frame of an animated WebP file that is zeros")
        func animatedWebP() throws {
            let tall = try image()
            tall.image.set("page-height", Self.side / 2)
            let path = folder.file("whole.webp")
            try tall.save("webpsave", to: path)
            let content = try bytes(of: path)
            #expect(try code(content) == nil)
            #expect(try code(padded(content, keeping: 0.9)) == .truncated)
            #expect(try code(Array(content[..<(content.count * 9 / 10)])) == .truncated)
        }

        @Test("zeros in place of the tiles of an uncompressed TIFF file", arguments: [0, 30])
        func tiles(blackRows: Int) throws {
            let path = folder.file("tiled.tif")
            let options = ["tile": "true", "tile-width": "64", "tile-height": "64"]
            try image(blackRows: blackRows).save("tiffsave", to: path, options)
            let content = try movingDirectoryToStart(bytes(of: path))
            #expect(try code(content) == nil)
            guard blackRows == 0 else { return }
            for part in [0.35, 0.53] { #expect(try code(padded(content, keeping: part)) == .truncated) }
        }

        @Test("zeros in place of the end of a fax image")
        func fax() throws {
            let grey = try image().applying("extract_band", ["band": "0"])
            let path = folder.file("fax.tif")
            try grey.save("tiffsave", to: path, ["compression": "ccittfax4", "bitdepth": "1"])
            let content = try movingDirectoryToStart(bytes(of: path))
            #expect(try code(content) == nil)
            #expect(try code(padded(content, keeping: 0.6)) == .truncated)
        }

        /// The same TIFF file with its directory before the pixels, as programs write it that know all sizes first.
        private func movingDirectoryToStart(_ content: [UInt8]) throws -> [UInt8] {
            let handle = try #require(FileHandle(forReadingAtPath: try folder.write(content, to: "moved")))
            defer { try? handle.close() }
            let file = FileBytes(descriptor: handle.fileDescriptor, size: content.count)
            let directory = try #require(TIFFDirectory(firstOf: file))
            var budget = Int.max
            var tags = directory.tags(budget: &budget)
            let size = TIFFDirectoryBytes.size(of: tags)
            for index in tags.indices where [273, 324].contains(tags[index].number) {
                let offsets = stride(from: 0, to: tags[index].value.count, by: 4).map {
                    LittleEndian.number(tags[index].value[$0..<($0 + 4)]) + size
                }
                tags[index].value = offsets.flatMap { LittleEndian.bytes($0, 4) }
            }
            // The old directory is at the end of the file.
            let end = LittleEndian.number(content[4..<8])
            return content[..<4] + LittleEndian.bytes(8, 4) + TIFFDirectoryBytes.encode(tags, at: 8) + content[8..<end]
        }

        @Test(
            "zeros that encoders write for black rows are no padding",
            arguments: [
                ("jpegsave", ["optimize-coding": "true"]), ("webpsave", ["strip": "true", "effort": "0"]),
                ("webpsave", ["strip": "true", "effort": "0", "lossless": "true"]), ("gifsave", [:]), ("pngsave", [:]),
            ] as [(String, [String: String])])
        func blackRows(format: (operation: String, options: [String: String])) throws {
            #expect(try code(encoded(format.operation, format.options, blackRows: 100)) == nil)
        }

        @Test("black rows of a TIFF file are no padding", arguments: [("none", 1), ("lzw", 5), ("deflate", 8)])
        func blackTIFF(compression: (String, Int)) throws {
            for rows in [1, 100, 160] {
                let content = try tiff(compression: compression.0, number: compression.1, blackRows: rows)
                #expect(try code(content) == nil)
            }
        }
    }
}
