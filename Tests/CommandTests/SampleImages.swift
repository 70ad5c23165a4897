import Foundation
import Imaging

/// Images for tests of commands.
enum SampleImages {
    /// Writes an image of smooth colours.
    static func write(
        _ path: String, width: Int = 24, height: Int = 18, format: ImageFormat = .png, alpha: Bool = false
    ) throws {
        let layout = PixelLayout(colours: 3, hasAlpha: alpha, bits: 8)
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        defer { close(descriptor) }
        try ImageWriter(format: format, width: width, height: height, layout: layout)
            .write(to: descriptor, rows: Rows(rowBytes: width * layout.bytesPerPixel))
    }

    /// The format and size of an image.
    static func inspect(_ path: String) throws -> (format: ImageFormat, width: Int, height: Int) {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        let reader = try ImageReader(
            fileDescriptor: descriptor, options: DecodeOptions(allowedFormats: Set(ImageFormat.allCases)))
        return (reader.format, reader.width, reader.height)
    }

    private final class Rows: OutputRowSource {
        let rowBytes: Int
        init(rowBytes: Int) { self.rowBytes = rowBytes }

        func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool {
            for row in rows {
                let line = (destination + (row - rows.lowerBound) * stride).assumingMemoryBound(to: UInt8.self)
                for index in 0..<rowBytes { line[index] = UInt8((index * 3 + row * 5) % 256) }
            }
            return true
        }
    }
}
