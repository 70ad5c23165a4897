import Foundation
import Fuzzing
import Imaging
import JobQueue
import Synchronization

/// An image for tests of durability, and the output of an undisturbed run.
struct SmallImage: Sendable {
    /// The content of the dropped file.
    let content: Data
    /// The output that the daemon publishes if nothing goes wrong.
    let output: Data

    private static let made = Mutex<[SmallImage]>([])

    /// The first `count` images; each has different pixels and a different output. An undisturbed daemon makes the
    /// outputs, once per test run.
    static func set(_ count: Int) throws -> [SmallImage] {
        try made.withLock { made in
            if made.count < count { made += try make(made.count..<count) }
            return Array(made[..<count])
        }
    }

    private static func make(_ numbers: Range<Int>) throws -> [SmallImage] {
        let daemon = try DaemonHarness(sections: "[workers]\nprocesses = 2\nthreads = 1")
        let contents = try numbers.map { try content($0) }
        for (number, content) in zip(numbers, contents) { try daemon.write(content, to: "inbox/\(number).png") }
        // Without the harness's time limit: hundreds of images take long.
        let process = try daemon.launch(["--drain"])
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw DaemonHarness.TimedOut(description: daemon.log) }
        return try zip(numbers, contents).map { number, content in
            let output = URL(fileURLWithPath: daemon.path("outbox/\(number).png").string)
            return SmallImage(content: content, output: try Data(contentsOf: output))
        }
    }

    private static func content(_ number: Int) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appending(path: "srgan-\(UUID().uuidString).png")
        defer { try? FileManager.default.removeItem(at: file) }
        let descriptor = open(file.path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        defer { close(descriptor) }
        let layout = PixelLayout(colours: 3, hasAlpha: false, bits: 8)
        try ImageWriter(format: .png, width: 12, height: 8, layout: layout)
            .write(to: descriptor, rows: Noise(seed: UInt64(number), rows: 8, rowBytes: 12 * layout.bytesPerPixel))
        return try Data(contentsOf: file)
    }

    private final class Noise: OutputRowSource {
        private let bytes: [UInt8]
        private let rowBytes: Int

        init(seed: UInt64, rows: Int, rowBytes: Int) {
            var generator = SplitMix64(seed: seed)
            bytes = (0..<rows * rowBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
            self.rowBytes = rowBytes
        }

        func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool {
            for row in rows {
                let line = bytes[row * rowBytes..<(row + 1) * rowBytes]
                UnsafeMutableRawBufferPointer(
                    start: destination + (row - rows.lowerBound) * stride, count: rowBytes
                ).copyBytes(from: line)
            }
            return true
        }
    }
}
