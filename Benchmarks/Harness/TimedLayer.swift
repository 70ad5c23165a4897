import Glibc
import NeuralNetwork

/// A layer with its input images, and the computed cost of one run.
struct TimedLayer {
    /// The layer's description in the table.
    let name: String
    /// The number of times that the network runs the layer on a tile.
    let count: Int
    /// Floating-point operations of one run: those that a direct convolution would need, and those that the layer
    /// computes (only the products are counted).
    let directOperations, operations: Double
    /// The least number of bytes that one run must read and write.
    let bytes: Double

    private let body: () -> Void

    /// The processor time of the shortest run in seconds; other processes on the machine hardly affect it.
    func best(of repeats: Int) -> Double {
        body()
        return (0..<repeats).map { _ in
            let start = Self.processorTime
            body()
            return Self.processorTime - start
        }.min()!
    }

    /// The layers of the generator on a tile, as `FastGenerator` runs them: the upsampling layers run in strips; a
    /// strip has 8 rows at twice the resolution of the tile.
    static func generator(side: Int, blocks: Int, kernels: ConvolutionKernels) -> [TimedLayer] {
        let channels = 64
        let small = KernelRegion(x: 0..<side, y: 0..<side)
        let large = small.doubled
        return [
            direct(side: side, channels: channels, kernels: kernels),
            winograd(
                "3x3, \(channels) to \(channels), PReLU", count: blocks, kernel: 3, inputs: channels,
                outputs: channels, image: small, strip: side, activates: true, kernels: kernels),
            winograd(
                "3x3, \(channels) to \(channels), sum", count: blocks + 1, kernel: 3, inputs: channels,
                outputs: channels, image: small, strip: side, adds: true, kernels: kernels),
            winograd(
                "3x3, \(channels) to \(4 * channels), shuffled, at x1", count: 1, kernel: 3, inputs: channels,
                outputs: channels, groups: 4, arrangement: .shuffled, image: small, strip: 4, activates: true,
                kernels: kernels),
            winograd(
                "3x3, \(channels) to \(4 * channels), at x2", count: 1, kernel: 3, inputs: channels, outputs: channels,
                groups: 4, image: large, strip: 8, activates: true, kernels: kernels),
            winograd(
                "5x5, \(4 * channels) to 12 of 16, at x2", count: 1, kernel: 5, inputs: 4 * channels, outputs: 16,
                image: large, strip: 8, kernels: kernels),
        ]
    }

    private static func direct(side: Int, channels: Int, kernels: ConvolutionKernels) -> TimedLayer {
        let kernel = 9
        let layer = DirectConvolution(
            weight: random([channels, 3, kernel, kernel]), bias: random([channels]).values,
            slopes: random([channels]).values)
        let row = 3 * (side + kernel - 1 + DirectConvolution.overhang)
        let input = AlignedBuffer(random([row * (side + kernel)]).values)
        let memory = AlignedBuffer(count: side * side * channels)
        let output = RowTable(start: memory.start, row: side * channels, count: side, capacity: side)
        let operations = 2.0 * Double(side * side * channels * 3 * kernel * kernel)
        return TimedLayer(
            name: "9x9, 3 to \(channels), directly", count: 1, directOperations: operations, operations: operations,
            bytes: 4 * Double(side * side * (3 + channels))
        ) {
            layer(
                input.start, inputRow: row, into: output, region: KernelRegion(x: 0..<side, y: 0..<side),
                kernels: kernels)
            withExtendedLifetime(memory) {}
        }
    }

    private static func winograd(
        _ name: String, count: Int, kernel: Int, inputs: Int, outputs: Int, groups: Int = 1,
        arrangement: WinogradConvolution.Arrangement = .plain, image: KernelRegion, strip: Int,
        activates: Bool = false, adds: Bool = false, kernels: ConvolutionKernels
    ) -> TimedLayer {
        let all = groups * outputs
        let layer = WinogradConvolution(
            weight: random([all, inputs, kernel, kernel]), bias: random([all]).values,
            slopes: activates ? random([all]).values : nil, groups: groups, arrangement: arrangement,
            kernels: kernels)
        let (width, height) = (image.x.count, image.y.count)
        let isShuffled = arrangement == .shuffled
        let outputRow = width * all / (isShuffled ? 2 : 1)
        // The images are ring buffers, as in the network, so that layers that run in strips find their input in the
        // caches.
        let rows = strip == height ? height : 3 * strip
        let source = AlignedBuffer(random([rows * width * inputs]).values)
        let target = AlignedBuffer(count: rows * (isShuffled ? 2 : 1) * outputRow)
        let input = RowTable(start: source.start, row: width * inputs, count: height, capacity: rows)
        let output = RowTable(
            start: target.start, row: outputRow, count: (isShuffled ? 2 : 1) * height,
            capacity: (isShuffled ? 2 : 1) * rows)
        let scratch = AlignedBuffer(count: layer.scratchCount)
        let pixels = Double(width * height)
        let tileSide = kernel + 3
        return TimedLayer(
            name: name, count: count, directOperations: 2 * pixels * Double(inputs * all * kernel * kernel),
            operations: 2 * pixels / 16 * Double(inputs * all * tileSide * tileSide),
            bytes: 4 * pixels * Double(inputs + (adds ? 2 : 1) * all)
        ) {
            for first in stride(from: 0, to: height, by: strip) {
                let region = KernelRegion(x: 0..<width, y: first..<min(first + strip, height))
                layer(
                    input, valid: region.grown(by: kernel / 2, within: image), into: output,
                    skip: adds ? output : nil, region: region, scratch: scratch.start)
            }
            withExtendedLifetime((source, target)) {}
        }
    }

    /// Small numbers of both signs, so that a layer which adds to its output in every run does not overflow.
    private static func random(_ shape: [Int]) -> Tensor {
        Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0 &* 7919 % 1009) / 100_900 - 0.005 })
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
}
