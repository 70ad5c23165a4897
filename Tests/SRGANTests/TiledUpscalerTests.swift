import Foundation
import Imaging
import Synchronization
import Testing

@testable import SRGAN

@Suite("Tiled upscaling", .serialized)
struct TiledUpscalerTests {
    let run: PipelineRun

    init() throws {
        run = try PipelineRun()
    }

    static let layouts = [1, 3].flatMap { colours in
        [false, true].flatMap { alpha in [8, 16].map { PixelLayout(colours: colours, hasAlpha: alpha, bits: $0) } }
    }

    /// An image with gradients in all channels; the alpha channel has opaque, transparent and partly transparent
    /// areas.
    private func image(_ width: Int, _ height: Int, _ layout: PixelLayout) -> SampleImage {
        SampleImage(width: width, height: height, layout: layout) { x, y, channel in
            if layout.hasAlpha && channel == layout.colours {
                return x % 16 < 8 ? 1 : y % 8 < 4 ? 0.25 : 0.75
            }
            return Double((x * (3 + channel) + y * (7 - channel)) % 97) / 96
        }
    }

    private func expectRepeated(_ result: SampleImage, of image: SampleImage) {
        #expect(result.width == 4 * image.width && result.height == 4 * image.height)
        #expect(result.layout == image.layout)
        var wrong = 0
        for y in 0..<result.height {
            for x in 0..<result.width {
                for channel in 0..<result.layout.channels
                where result.sample(x: x, y: y, channel: channel)
                    != image.sample(x: x / 4, y: y / 4, channel: channel)
                {
                    wrong += 1
                }
            }
        }
        #expect(wrong == 0)
    }

    @Test(
        "every pixel has the right position in every layout", arguments: layouts,
        [(1, 1), (37, 41), (1, 300), (300, 1), (50, 64)])
    func placement(layout: PixelLayout, size: (Int, Int)) throws {
        let image = image(size.0, size.1, layout)
        for settings in [
            TileSettings(tile: 16, overlap: .pixels(5), threads: 2), TileSettings(threads: 3),
            TileSettings(tile: 8, overlap: .pixels(40), threads: 1),
        ] {
            expectRepeated(try run.upscale(image, NearestNeighbour(), settings), of: image)
        }
    }

    @Test("decoding at once and row by row give the same result")
    func decodeAhead() throws {
        let layout = PixelLayout(colours: 3, hasAlpha: false, bits: 8)
        let image = image(100, 90, layout)
        let settings = TileSettings(tile: 24, overlap: .pixels(10), threads: 2)
        expectRepeated(try run.upscale(image, NearestNeighbour(), settings, decodeAheadLimit: 1 << 20), of: image)
        expectRepeated(try run.upscale(image, NearestNeighbour(), settings, decodeAheadLimit: 0), of: image)
    }

    @Test("formats without 16 bits or alpha get 8 bits or no alpha")
    func narrowerFormats() throws {
        let deep = PixelLayout(colours: 3, hasAlpha: true, bits: 16)
        let image = SampleImage(width: 20, height: 20, layout: deep) { _, _, channel in channel == 3 ? 1 : 0.5 }
        let settings = TileSettings(threads: 2)
        let jpeg = try run.upscale(image, NearestNeighbour(), settings, format: .jpeg)
        #expect(jpeg.layout == PixelLayout(colours: 3, hasAlpha: false, bits: 8))
        #expect(jpeg.bytes.allSatisfy { abs(Int($0) - 128) <= 1 })
        let webp = try run.upscale(image, NearestNeighbour(), settings, format: .webp)
        #expect(webp.bytes.allSatisfy { abs(Int($0) - 128) <= 2 || $0 == 255 })
    }

    @Test("an image that loses bits gets a note")
    func bitsNote() throws {
        let deep = PixelLayout(colours: 3, hasAlpha: false, bits: 16)
        let path = run.folder + "/deep.png"
        try image(20, 20, deep).save(to: path)
        let source = try #require(FileHandle(forReadingAtPath: path))
        let reader = try ImageReader(fileDescriptor: source.fileDescriptor)
        let upscaler = TiledUpscaler(generator: NearestNeighbour(), settings: TileSettings(threads: 1))
        for (format, count) in [(ImageFormat.png, 0), (.tiff, 0), (.jpeg, 1), (.webp, 1)] {
            let writer = try upscaler.makeWriter(
                for: reader, format: format, options: EncodeOptions(), policy: ImageMetadata.Policy())
            #expect(writer.notes.count == count, "\(format): \(writer.notes)")
        }
    }

    @Test("transparent pixels take their neighbours' colours and keep their alpha")
    func bleeding() throws {
        let layout = PixelLayout(colours: 3, hasAlpha: true, bits: 8)
        let image = SampleImage(width: 40, height: 30, layout: layout) { x, _, channel in
            x < 20 ? (channel == 3 ? 1 : 0.8) : 0
        }
        let result = try run.upscale(
            image, NearestNeighbour(), TileSettings(tile: 16, overlap: .pixels(4), threads: 2))
        for x in 0..<160 {
            #expect(result.sample(x: x, y: 60, channel: 3) == (x < 80 ? 255 : 0))
            #expect(result.sample(x: x, y: 60, channel: 0) == (x / 4 < 20 + AlphaBleed.radius ? 204 : 0))
        }
    }

    @Test("progress counts every tile once, in order")
    func progress() throws {
        let counts = Mutex<[Int]>([])
        let image = image(64, 64, PixelLayout(colours: 3, hasAlpha: false, bits: 8))
        _ = try run.upscale(image, NearestNeighbour(), TileSettings(tile: 16, threads: 4)) { done in
            counts.withLock { $0.append(done) }
        }
        #expect(counts.withLock { $0 } == Array(1...16))
    }

    @Test("a generator's error stops the pipeline and is reported", arguments: [0.0, 0.7])
    func failingGenerator(threshold: Double) throws {
        let image = SampleImage(
            width: 64, height: 64, layout: PixelLayout(colours: 3, hasAlpha: false, bits: 8)
        ) { _, y, _ in Double(y) / 63 >= threshold ? 1 : 0 }
        #expect(throws: FailingGenerator.Refusal.self) {
            try run.upscale(image, FailingGenerator(), TileSettings(tile: 8, overlap: .pixels(0), threads: 3))
        }
    }

    @Test("an encoder's error stops the pipeline")
    func failingEncoder() throws {
        let image = image(200, 200, PixelLayout(colours: 3, hasAlpha: false, bits: 8))
        let path = run.folder + "/a.png"
        try image.save(to: path)
        let source = try #require(FileHandle(forReadingAtPath: path))
        let reader = try ImageReader(fileDescriptor: source.fileDescriptor)
        let upscaler = TiledUpscaler(generator: NearestNeighbour(), settings: TileSettings(tile: 16, threads: 2))
        let writer = try upscaler.makeWriter(
            for: reader, format: .png, options: EncodeOptions(compression: 0), policy: ImageMetadata.Policy())
        let full = open("/dev/full", O_RDWR)
        defer { close(full) }
        #expect { try upscaler.upscale(reader, with: writer, to: full) } throws: { error in
            (error as? ImagingError)?.code == .diskFull
        }
    }

    @Test("a truncated file fails as truncated even when its rows are streamed")
    func truncated() throws {
        let image = image(200, 200, PixelLayout(colours: 3, hasAlpha: false, bits: 8))
        let path = run.folder + "/a.png"
        try image.save(to: path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.prefix(whole.count * 2 / 3).write(to: URL(fileURLWithPath: path))
        let source = try #require(FileHandle(forReadingAtPath: path))
        let reader = try ImageReader(
            fileDescriptor: source.fileDescriptor, options: DecodeOptions(decodeAheadLimit: 0))
        let upscaler = TiledUpscaler(generator: NearestNeighbour(), settings: TileSettings(tile: 16, threads: 2))
        let writer = try upscaler.makeWriter(
            for: reader, format: .png, options: EncodeOptions(), policy: ImageMetadata.Policy())
        let target = open(run.folder + "/out", O_RDWR | O_CREAT, 0o600)
        defer { close(target) }
        #expect { try upscaler.upscale(reader, with: writer, to: target) } throws: { error in
            (error as? ImagingError)?.code == .truncated
        }
    }

    @Test("the size of the result is checked before decoding")
    func outputTooLarge() throws {
        let image = image(4096, 2, PixelLayout(colours: 1, hasAlpha: false, bits: 8))
        #expect { try run.upscale(image, NearestNeighbour(), TileSettings(threads: 1), format: .webp) } throws: {
            error in
            (error as? ImagingError)?.code == .outputTooLarge
        }
    }
}
