import ArgumentParser
import Foundation
import Glibc
import Imaging
import NeuralNetwork
import SRGAN

/// Times everything except the network: decoding, packing, encoding.
struct PipelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipeline",
        abstract: "Upscale an image by repeating its pixels, and print how long decoding and encoding took.",
        discussion: "Prints JSON, including the peak memory in bytes.")

    @Argument var input: String
    @Argument(help: "A file; its extension determines the format.") var output: String
    @Option var threads = 1
    @Option var compression = EncodeOptions().compression
    @Option(help: "The PNG row filters, as a sum of libpng's flags.") var filter = EncodeOptions().pngFilter
    @Option var maxPixels = 1 << 30

    func run() throws {
        guard let format = ImageFormat(fileExtension: String(output.split(separator: ".").last ?? "")) else {
            throw ValidationError("\(output) has no extension of a known format.")
        }
        let source = open(input, O_RDONLY)
        let target = open(output, O_RDWR | O_CREAT | O_TRUNC, 0o644)
        let reader = try ImageReader(
            fileDescriptor: source,
            options: DecodeOptions(
                allowedFormats: Set(ImageFormat.allCases), limits: ImageLimits(maximumPixels: maxPixels),
                flattensAlpha: !format.supportsAlpha))
        let upscaler = TiledUpscaler(generator: Repeater(), settings: TileSettings(threads: threads))
        let writer = try upscaler.makeWriter(
            for: reader, format: format, options: EncodeOptions(compression: compression, pngFilter: filter),
            policy: ImageMetadata.Policy())
        let began = ContinuousClock.now
        let statistics = try upscaler.upscale(reader, with: writer, to: target)
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        var status = stat()
        fstat(target, &status)
        print(
            """
            {"seconds": \(seconds), "decode_seconds": \(statistics.decodeSeconds), \
            "encode_seconds": \(statistics.encodeSeconds), "bytes": \(status.st_size), \
            "peak_memory_bytes": \(try Self.peakMemory())}
            """)
    }

    private static func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (Int(line.filter(\.isNumber)) ?? 0) << 10
    }
}

/// A generator that only repeats pixels; it replaces the network.
private struct Repeater: TileGenerator {
    let scale = 4
    let receptiveFieldRadius = 0

    func makeWorkspace(maximumWidth: Int, maximumHeight: Int, sharer: LoopSharer) {}

    func upscale(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        place: TilePlace, into output: UnsafeMutableBufferPointer<Float>, workspace: Void
    ) {
        for plane in 0..<3 {
            for y in 0..<(4 * keeping.height) {
                let source = input.baseAddress! + (plane * height + keeping.y + y / 4) * width + keeping.x
                let target = output.baseAddress! + (plane * 4 * keeping.height + y) * 4 * keeping.width
                for x in 0..<(4 * keeping.width) { target[x] = source[x / 4] }
            }
        }
    }
}
