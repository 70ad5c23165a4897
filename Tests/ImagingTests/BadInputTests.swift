import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    @Suite("Bad input")
    struct BadInputTests {
        let folder: TemporaryFolder
        let image: TestImage

        init() throws {
            folder = try TemporaryFolder()
            image = try TestImage(width: 300, height: 200, bands: 3, space: VIPS_INTERPRETATION_sRGB)
        }

        /// The error of reading a file to its last row; nil if reading succeeds.
        private func failure(_ path: String, _ options: DecodeOptions = DecodeOptions()) throws -> ImagingError? {
            do {
                _ = try withReader(path, options) { try allRows($0) }
                return nil
            } catch let error as ImagingError {
                #expect(error.message.hasSuffix("."))
                return error
            }
        }

        @Test("an empty file")
        func empty() throws {
            #expect(try failure(folder.write([], to: "a.jpg"))?.code == .empty)
        }

        @Test("random bytes with an image's file name")
        func random() throws {
            var generator = SystemRandomNumberGenerator()
            let noise = [0x00] + (0..<5000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(try failure(folder.write(noise, to: "a.png"))?.code == .notAnImage)
        }

        @Test("known formats that cannot be read")
        func foreign() throws {
            #expect(try failure(folder.write("%PDF-1.7\n".utf8, to: "a.png"))?.code == .unsupportedFormat)
        }

        @Test(
            "formats that are not allowed", arguments: [("tiffsave", ImageFormat.tiff), ("gifsave", .gif)])
        func disallowed(operation: String, format: ImageFormat) throws {
            let path = folder.file("a.png")
            try image.save(operation, to: path)
            let error = try failure(path, DecodeOptions(allowedFormats: [.jpeg]))
            #expect(error?.code == .unsupportedFormat)
            // Only GIF files must be allowed explicitly.
            #expect((try failure(path) == nil) == (format == .tiff))
            #expect(try failure(path, DecodeOptions(allowedFormats: [format])) == nil)
        }

        @Test(
            "truncated files",
            arguments: ["jpegsave", "pngsave", "webpsave", "tiffsave", "gifsave"], [0.05, 0.5, 0.95])
        func truncated(operation: String, part: Double) throws {
            let whole = folder.file("whole")
            try image.save(operation, to: whole)
            let content = try bytes(of: whole)
            let cut = try folder.write(content.prefix(max(16, Int(Double(content.count) * part))), to: "cut")
            let options = DecodeOptions(allowedFormats: Set(ImageFormat.allCases))
            #expect(try failure(cut, options)?.code == .truncated)
            // The result is the same if rows are decoded one by one.
            var streaming = options
            streaming.decodeAheadLimit = 0
            #expect(try failure(cut, streaming)?.code == .truncated)
        }

        @Test("a complete file with garbage in the middle is corrupt, not truncated")
        func corrupt() throws {
            let whole = folder.file("whole.png")
            try image.save("pngsave", to: whole)
            var content = try bytes(of: whole)
            let start = try #require(content.indices.first { content[$0...].starts(with: "IDAT".utf8) })
            for index in (start + 40)..<(start + 200) { content[index] = 0xAA }
            #expect(try failure(folder.write(content, to: "bad.png"))?.code == .corrupt)
        }

        @Test("decompression bombs are refused by their header", arguments: [false, true])
        func bomb(interlaced: Bool) throws {
            let path = try folder.write(
                PNGSurgery.headerOnly(width: 20_000, height: 20_000, interlaced: interlaced), to: "bomb.png")
            #expect(try failure(path)?.code == .tooLarge)
        }

        @Test("each limit is enforced")
        func limits() throws {
            let path = folder.file("a.png")
            try image.save("pngsave", to: path)
            let size = try bytes(of: path).count
            func code(_ limits: ImageLimits) throws -> ImagingError.Code? {
                try failure(path, DecodeOptions(limits: limits))?.code
            }
            #expect(try code(ImageLimits(maximumFileSize: size - 1)) == .tooLarge)
            #expect(try code(ImageLimits(maximumPixels: 300 * 200 - 1)) == .tooLarge)
            #expect(try code(ImageLimits(maximumSide: 299)) == .tooLarge)
            #expect(try code(ImageLimits(maximumFileSize: size, maximumPixels: 300 * 200, maximumSide: 300)) == nil)
        }

        @Test("an input that is not a regular file")
        func folderAsInput() throws {
            let descriptor = open(folder.path, O_RDONLY)
            defer { close(descriptor) }
            #expect { try ImageReader(fileDescriptor: descriptor) } throws: { error in
                (error as? ImagingError)?.code == .notARegularFile
            }
        }
    }
}
