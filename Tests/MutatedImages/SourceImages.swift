import Foundation
import Glibc
import Imaging

/// Small, undamaged images of every format.
enum SourceImages {
    /// All images, each with the file name extension of its format.
    static func all() throws -> [(name: String, bytes: [UInt8])] {
        let gif: [UInt8] = [
            0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 2, 0, 2, 0, 0x80, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x2C, 0, 0, 0, 0, 2,
            0, 2,
            0, 0, 2, 3, 0x44, 0x02, 0x05, 0, 0x3B,
        ]
        var images = [(name: "gif", bytes: gif)]
        for format in ImageFormat.allCases where format.isWritable {
            for (colours, hasAlpha, bits) in [(3, true, 8), (1, false, 16), (3, false, 8)] {
                let layout = PixelLayout(colours: colours, hasAlpha: hasAlpha, bits: bits).representable(in: format)
                var metadata = ImageMetadata()
                metadata.xmp = Array("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>".utf8)
                let file = file()
                defer { close(file) }
                try ImageWriter(format: format, width: 33, height: 21, layout: layout, metadata: metadata)
                    .write(to: file, rows: Pattern(rowBytes: 33 * layout.bytesPerPixel))
                images.append((format.fileExtension, contents(of: file)))
            }
        }
        return images
    }

    /// Creates an unnamed file.
    static func file() -> Int32 {
        let file = fileno(tmpfile())
        precondition(file >= 0, "a temporary file cannot be created")
        return file
    }

    /// Replaces the content of a file.
    static func fill(_ file: Int32, with bytes: [UInt8]) {
        lseek(file, 0, SEEK_SET)
        let written = pwrite(file, bytes, bytes.count, 0)
        precondition(written == bytes.count && ftruncate(file, off_t(bytes.count)) == 0, "the file cannot be written")
    }

    private static func contents(of file: Int32) -> [UInt8] {
        let size = Int(lseek(file, 0, SEEK_END))
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            filled = max(0, pread(file, buffer.baseAddress, size, 0))
        }
    }

    private final class Pattern: OutputRowSource {
        let rowBytes: Int
        init(rowBytes: Int) { self.rowBytes = rowBytes }

        func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool {
            for row in rows {
                let line = (destination + (row - rows.lowerBound) * stride).assumingMemoryBound(to: UInt8.self)
                for index in 0..<rowBytes { line[index] = UInt8((index * 7 + row * 11 + index * row) % 256) }
            }
            return true
        }
    }
}
