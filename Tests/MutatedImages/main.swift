// Damages images in a fixed sequence and decodes them, all in one process with a worker's system call filter and limits.
//
// mutated-images SEED FIRST COUNT [FOLDER]
//
// Prints a line `NUMBER OUTCOME` before and after each image: `begin`, then `fine` or the reason of the failure. So a caller
// knows which image ended the process, and can continue with the next one. Exit code 79: an image took more than half a
// minute; 77: there is no system call filter. With FOLDER the images are written there and not decoded.
import CLinux
import Foundation
import Glibc
import Imaging

let words = CommandLine.arguments
guard words.count >= 4, let seed = UInt64(words[1]), let first = Int(words[2]), let count = Int(words[3]) else {
    exit(64)
}
let images = try SourceImages.all()

if words.count > 4 {
    for number in first..<(first + count) {
        let (name, bytes) = Mutation(seed: seed, number: number).apply(to: images)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(words[4])/\(number).\(name)"))
    }
    exit(0)
}

let file = SourceImages.file()
let watchdog = Watchdog()
try ImageReader.prepare()
clinux_malloc_arenas(2)
clinux_limit(0, CLINUX_MEMORY_BYTES, 1_000_000_000)
clinux_limit(0, CLINUX_CORE_BYTES, 0)
guard clinux_no_new_privileges() == 0, clinux_seccomp() == 0 else { exit(77) }
for number in first..<(first + count) {
    let (_, bytes) = Mutation(seed: seed, number: number).apply(to: images)
    SourceImages.fill(file, with: bytes)
    say("\(number) begin")
    watchdog.beat()
    say("\(number) \(decode(file))")
}

/// Writes a line at once: the next image may end the process.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    guard write(STDOUT_FILENO, bytes, bytes.count) == bytes.count else { exit(75) }
}

/// Decodes an image to its last row; returns `fine` or the reason of the failure.
func decode(_ file: Int32) -> String {
    let options = DecodeOptions(
        allowedFormats: Set(ImageFormat.allCases), limits: ImageLimits(maximumPixels: 4_000_000))
    do throws(ImagingError) {
        let reader = try ImageReader(fileDescriptor: file, options: options)
        let rows = try reader.start()
        let bytesPerRow = reader.width * reader.layout.bytesPerPixel
        let row = UnsafeMutableRawPointer.allocate(byteCount: bytesPerRow, alignment: 16)
        defer { row.deallocate() }
        for index in 0..<reader.height { try rows.read(rows: index..<(index + 1), into: row) }
        return "fine"
    } catch {
        return "\(error.code)"
    }
}
