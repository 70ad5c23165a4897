import ArgumentParser
import BenchmarkPeaks
import Glibc
import NeuralNetwork

/// Times each layer of the generator alone and compares it with the limits of one processor core.
struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Time the layers of the generator of 16 blocks on one tile, and compare them with one core's limits.",
        discussion: """
            Measures the processor time of one thread and takes the shortest of the repeats. First measures the limits: \
            the rate of fused multiply-adds on registers, and the memory bandwidth with STREAM's triad. A layer's memory \
            traffic is its input, its output and the image that it adds, each counted once. Prints Markdown.
            """)

    @Option(help: "The tile's side.") var side = 128
    @Option var repeats = 15

    func run() throws {
        guard
            let kernels = ConvolutionKernels(
                named: getenv("SRGAN_KERNELS").map { String(cString: $0) })
        else { throw ValidationError("SRGAN_KERNELS names kernels that do not run here.") }
        let peak = peaks_multiply_add(kernels.name)
        let bandwidth = peaks_triad(256 << 20)
        LineProtocol.send(
            """
            Kernels: \(kernels.name). The core's peak: \(Self.text(peak * 1e-9, 0)) GFLOP/s; main memory: \
            \(Self.text(bandwidth * 1e-9, 1)) GB/s; an array of 512 KiB: \(Self.text(peaks_triad(512 << 10) * 1e-9, 0)) GB/s.

            | layer | runs per tile | ms, all runs | GFLOP/s, direct | GFLOP/s, computed | share of peak | GB/s \
            | share of memory bandwidth |
            |---|---|---|---|---|---|---|---|
            """)
        var total = 0.0
        for layer in TimedLayer.generator(side: side, blocks: 16, kernels: kernels) {
            let milliseconds = layer.best(of: repeats) * 1e3
            total += milliseconds * Double(layer.count)
            let computed = layer.operations / milliseconds * 1e-6
            let traffic = layer.bytes / milliseconds * 1e-6
            let cells = [
                layer.name, "\(layer.count)", Self.text(milliseconds * Double(layer.count), 1),
                Self.text(layer.directOperations / milliseconds * 1e-6, 0), Self.text(computed, 0),
                Self.percent(computed * 1e9 / peak), Self.text(traffic, 1), Self.percent(traffic * 1e9 / bandwidth),
            ]
            LineProtocol.send("| \(cells.joined(separator: " | ")) |")
        }
        LineProtocol.send("| sum | | \(Self.text(total, 1)) | | | | | |")
    }

    private static func percent(_ share: Double) -> String { "\(text(100 * share, 0)) %" }

    private static func text(_ value: Double, _ digits: Int) -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        withVaList([Int32(digits), value]) { _ = vsnprintf(&buffer, buffer.count, "%.*f", $0) }
        return buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }
}
