import Foundation
import Imaging
import Testing

@testable import SRGAN

/// An image as plain samples, written and read with this project's writer and reader (ImagingTests compare those with
/// libvips).
struct SampleImage: Equatable {
    var width: Int
    var height: Int
    var layout: PixelLayout
    /// 8-bit samples as bytes, 16-bit samples in native byte order.
    var bytes: [UInt8]

    /// Makes an image; `value` returns the sample at a position and channel, in [0, 1].
    init(width: Int, height: Int, layout: PixelLayout, value: (_ x: Int, _ y: Int, _ channel: Int) -> Double) {
        self.width = width
        self.height = height
        self.layout = layout
        bytes = []
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<layout.channels {
                    let sample = Int((value(x, y, channel) * Double(layout.maximum)).rounded())
                    bytes.append(UInt8(sample & 0xFF))
                    if layout.bits == 16 { bytes.append(UInt8(sample >> 8)) }
                }
            }
        }
    }

    /// Reads an image file.
    init(path: String) throws {
        let handle = try #require(FileHandle(forReadingAtPath: path))
        defer { try? handle.close() }
        let reader = try ImageReader(
            fileDescriptor: handle.fileDescriptor, options: DecodeOptions(allowedFormats: Set(ImageFormat.allCases)))
        width = reader.width
        height = reader.height
        layout = reader.layout
        var all = [UInt8](repeating: 0, count: width * height * layout.bytesPerPixel)
        let rows = try reader.start()
        try all.withUnsafeMutableBytes { try rows.read(rows: 0..<reader.height, into: $0.baseAddress!) }
        bytes = all
    }

    func sample(x: Int, y: Int, channel: Int) -> Int {
        let index = (y * width + x) * layout.bytesPerPixel + channel * layout.bits / 8
        return layout.bits == 8 ? Int(bytes[index]) : Int(bytes[index]) | Int(bytes[index + 1]) << 8
    }

    func save(to path: String, as format: ImageFormat = .png) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        defer { close(descriptor) }
        try ImageWriter(format: format, width: width, height: height, layout: layout)
            .write(to: descriptor, rows: Rows(image: self))
    }

    private final class Rows: OutputRowSource {
        let image: SampleImage
        init(image: SampleImage) { self.image = image }

        func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool {
            let rowBytes = image.width * image.layout.bytesPerPixel
            image.bytes.withUnsafeBytes {
                for row in rows {
                    (destination + (row - rows.lowerBound) * stride).copyMemory(
                        from: $0.baseAddress! + row * rowBytes, byteCount: rowBytes)
                }
            }
            return true
        }
    }
}

/// A temporary folder in which images are upscaled.
final class PipelineRun {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "srgan-pipeline-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Upscales an image from file to file and reads the result.
    func upscale<Generator: TileGenerator>(
        _ image: SampleImage, _ generator: Generator, _ settings: TileSettings, format: ImageFormat = .png,
        decodeAheadLimit: Int = 0, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> SampleImage {
        let (input, output) = (folder + "/in.png", folder + "/out")
        try image.save(to: input)
        let source = try #require(FileHandle(forReadingAtPath: input))
        defer { try? source.close() }
        let reader = try ImageReader(
            fileDescriptor: source.fileDescriptor,
            options: DecodeOptions(flattensAlpha: !format.supportsAlpha, decodeAheadLimit: decodeAheadLimit))
        let upscaler = TiledUpscaler(generator: generator, settings: settings)
        let writer = try upscaler.makeWriter(
            for: reader, format: format, options: EncodeOptions(), policy: ImageMetadata.Policy())
        let descriptor = open(output, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        defer { close(descriptor) }
        let statistics = try upscaler.upscale(reader, with: writer, to: descriptor, progress: progress)
        #expect(statistics.tiles == upscaler.plan(for: reader).count)
        return try SampleImage(path: output)
    }
}
