// How long decoding, packing and encoding take, and how much memory, without the network: pixels are only repeated.
//
//     swift run -c release PipelineBenchmark INPUT OUTPUT.png|jpg|webp|tif [COMPRESSION [FILTER [THREADS]]]
//
// The worker's promise: 25 megapixels in, 400 out, below 1 GiB; encoding beside the network costs next to nothing.
import Glibc
import Imaging
import SRGAN

struct Repeater: TileGenerator {
    let scale = 4
    let receptiveFieldRadius = 0

    func makeWorkspace(maximumWidth: Int, maximumHeight: Int) {}

    func enlarge(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutableBufferPointer<Float>, workspace: Void
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

func peakMemory() -> String {
    let file = open("/proc/self/status", O_RDONLY)
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = read(file, &buffer, buffer.count)
    let lines = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    return lines.first { $0.hasPrefix("VmHWM:") }.map(String.init) ?? "?"
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let ending = arguments[2].split(separator: ".").last,
    let format = ImageFormat(fileExtension: String(ending))
else {
    print("usage: PipelineBenchmark INPUT OUTPUT.png|jpg|webp|tif [COMPRESSION [FILTER [THREADS]]]")
    exit(64)
}
var options = EncodeOptions()
if arguments.count > 3 { options.compression = Int(arguments[3]) ?? options.compression }
if arguments.count > 4 { options.pngFilter = Int(arguments[4]) ?? options.pngFilter }
let threads = arguments.count > 5 ? Int(arguments[5]) ?? 2 : 2

let input = open(arguments[1], O_RDONLY)
let output = open(arguments[2], O_RDWR | O_CREAT | O_TRUNC, 0o644)
let reader = try ImageReader(
    fileDescriptor: input,
    options: DecodeOptions(allowedFormats: Set(ImageFormat.allCases), flattensAlpha: !format.supportsAlpha))
let upscaler = TiledUpscaler(generator: Repeater(), settings: TileSettings(threads: threads))
let writer = try upscaler.makeWriter(for: reader, format: format, options: options, policy: ImageMetadata.Policy())
let began = ContinuousClock.now
let statistics = try upscaler.upscale(reader, with: writer, to: output)
var status = stat()
fstat(output, &status)
print(
    "\(reader.width) x \(reader.height) \(reader.format) -> \(format): \(ContinuousClock.now - began) in all,",
    "decode \(statistics.decodeSeconds) s, tiles \(statistics.upscaleSeconds) s, encode \(statistics.encodeSeconds) s,",
    "\(status.st_size) bytes, \(peakMemory())")
