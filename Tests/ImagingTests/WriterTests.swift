import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    @Suite("Writing")
    struct WriterTests {
        /// Rows in memory.
        final class MemoryRows: OutputRowSource {
            let bytes: [UInt8]
            let rowBytes: Int
            init(_ bytes: [UInt8], rowBytes: Int) {
                self.bytes = bytes
                self.rowBytes = rowBytes
            }

            func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool {
                for row in rows {
                    bytes.withUnsafeBytes {
                        (destination + (row - rows.lowerBound) * stride).copyMemory(
                            from: $0.baseAddress! + row * rowBytes, byteCount: rowBytes)
                    }
                }
                return true
            }
        }

        /// A source that aborts at its first row.
        final class NoRows: OutputRowSource {
            func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool { false }
        }

        static let layouts = [1, 3].flatMap { colours in
            [false, true].flatMap { alpha in
                [8, 16].map { PixelLayout(colours: colours, hasAlpha: alpha, bits: $0) }
            }
        }

        private func write(_ writer: ImageWriter, _ rows: some OutputRowSource, to path: String) throws {
            let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
            defer { close(descriptor) }
            try writer.write(to: descriptor, rows: rows)
        }

        @Test("written images can be read back", arguments: [ImageFormat.png, .tiff, .jpeg, .webp], layouts)
        func roundTrip(format: ImageFormat, layout: PixelLayout) throws {
            guard layout.representable(in: format) == layout else { return }
            let folder = try TemporaryFolder()
            let (width, height) = (61, 47)
            let bytes = (0..<(width * height * layout.bytesPerPixel)).map {
                UInt8(100 + $0 / layout.bytesPerPixel % width * 2)
            }
            let writer = try ImageWriter(
                format: format, width: width, height: height, layout: layout, options: EncodeOptions(quality: 100))
            let path = folder.file("a")
            try write(writer, MemoryRows(bytes, rowBytes: width * layout.bytesPerPixel), to: path)
            try withReader(path, DecodeOptions(allowedFormats: [format])) { reader in
                #expect(reader.format == format && reader.width == width && reader.height == height)
                // WebP has no grey images; all other formats keep the layout.
                #expect(reader.layout == layout || format == .webp)
                guard reader.layout == layout else { return }
                let rows = try allRows(reader)
                let tolerance = format == .jpeg || format == .webp ? 6 : 0
                #expect(zip(rows, bytes).allSatisfy { abs(Int($0) - Int($1)) <= tolerance })
            }
        }

        @Test("a format's size limit is checked before writing")
        func outputLimits() throws {
            func code(_ format: ImageFormat, _ width: Int, _ height: Int) -> ImagingError.Code? {
                do {
                    _ = try ImageWriter(
                        format: format, width: width, height: height,
                        layout: PixelLayout(colours: 3, hasAlpha: false, bits: 8))
                    return nil
                } catch {
                    return error.code
                }
            }
            #expect(code(.jpeg, 65_500, 65_500) == nil)
            #expect(code(.jpeg, 65_501, 1) == .outputTooLarge)
            #expect(code(.webp, 16_383, 16_383) == nil)
            #expect(code(.webp, 1, 16_384) == .outputTooLarge)
            #expect(code(.png, 131_072, 131_072) == nil)
            #expect(code(.gif, 1, 1) == .configuration)
        }

        @Test("a source that aborts makes the encoder fail")
        func givingUp() throws {
            let folder = try TemporaryFolder()
            let layout = PixelLayout(colours: 3, hasAlpha: false, bits: 8)
            let writer = try ImageWriter(format: .png, width: 10, height: 10, layout: layout)
            #expect(throws: ImagingError.self) { try write(writer, NoRows(), to: folder.file("a")) }
        }

        @Test("a full disk is reported as such", arguments: [ImageFormat.png, .jpeg, .webp, .tiff])
        func fullDisk(format: ImageFormat) throws {
            let (width, height) = (400, 400)
            let layout = PixelLayout(colours: 3, hasAlpha: false, bits: 8)
            var generator = SystemRandomNumberGenerator()
            let noise = (0..<(width * height * 3)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let writer = try ImageWriter(format: format, width: width, height: height, layout: layout)
            let descriptor = open("/dev/full", O_RDWR)
            defer { close(descriptor) }
            #expect { try writer.write(to: descriptor, rows: MemoryRows(noise, rowBytes: width * 3)) } throws: {
                error in
                (error as? ImagingError)?.code == .diskFull
            }
        }
    }
}
