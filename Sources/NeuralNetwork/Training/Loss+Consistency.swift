import Foundation

extension Loss {
    /// The mean absolute difference between two batches of images after both were reduced by `factor`, with Keys'
    /// bicubic kernel (a = -0.5) widened by the factor. It is the loss of `F.interpolate(..., mode="bicubic",
    /// antialias=True)` of the difference: only what remains visible in the small images counts.
    ///
    /// - Parameter factor: It must divide width and height.
    public static func consistency(
        _ input: Batch, _ target: Batch, factor: Int, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        precondition(input.shape == target.shape, "the shapes differ")
        precondition(input.width % factor == 0 && input.height % factor == 0, "the factor must divide the size")
        let gradient = input.sibling(context)
        let (width, height, channels) = (input.width, input.height, input.channels)
        let (columns, rows) = (
            ReductionTaps(from: width, factor: factor), ReductionTaps(from: height, factor: factor)
        )
        let (smallWidth, smallHeight) = (width / factor, height / factor)
        let share = weight / Float(input.count * channels * smallWidth * smallHeight)
        var losses = [Double](repeating: 0, count: input.count)
        losses.withUnsafeMutableBufferPointer { losses in
            context.threads.run(input.count) { sample, _ in
                let offset = sample * input.imageCount
                let (x, t, slope) = (input.start + offset, target.start + offset, gradient.start + offset)
                // The difference, reduced along the rows and then along the columns.
                var narrow = [Float](repeating: 0, count: height * smallWidth * channels)
                for y in 0..<height {
                    columns.each { small, column, tap in
                        let (to, from) = ((y * smallWidth + small) * channels, (y * width + column) * channels)
                        for channel in 0..<channels {
                            narrow[to + channel] += tap * (x[from + channel] - t[from + channel])
                        }
                    }
                }
                let line = smallWidth * channels
                var small = [Float](repeating: 0, count: smallHeight * line)
                rows.each { to, row, tap in
                    for i in 0..<line { small[to * line + i] += tap * narrow[row * line + i] }
                }
                losses[sample] = small.reduce(0) { $0 + Double(abs($1)) }
                // Back through both reductions, in the reverse order.
                for i in narrow.indices { narrow[i] = 0 }
                rows.each { from, row, tap in
                    for i in 0..<line {
                        let value = small[from * line + i]
                        narrow[row * line + i] += value == 0 ? 0 : value > 0 ? tap * share : -tap * share
                    }
                }
                for i in 0..<input.imageCount { slope[i] = 0 }
                for y in 0..<height {
                    columns.each { small, column, tap in
                        let (from, to) = ((y * smallWidth + small) * channels, (y * width + column) * channels)
                        for channel in 0..<channels { slope[to + channel] += tap * narrow[from + channel] }
                    }
                }
            }
        }
        let count = Double(input.count * channels * smallWidth * smallHeight)
        return (losses.reduce(0, +) / count, gradient)
    }
}

/// The weights with which pixels along one axis contribute to the pixels of an image reduced by a whole factor. At the
/// ends the kernel is cut off and normalised again, as in PIL.
private struct ReductionTaps {
    private var taps: [(small: Int, large: Int, weight: Float)] = []

    init(from size: Int, factor: Int) {
        for small in 0..<size / factor {
            let centre = (Double(small) + 0.5) * Double(factor)
            let reach = Double(2 * factor)
            let first = max(0, Int((centre - reach + 0.5).rounded(.down)))
            let end = min(size, Int((centre + reach + 0.5).rounded(.down)))
            let weights = (first..<end).map { Self.kernel((Double($0) + 0.5 - centre) / Double(factor)) }
            let sum = weights.reduce(0, +)
            for (large, weight) in zip(first..<end, weights) { taps.append((small, large, Float(weight / sum))) }
        }
    }

    /// Calls `body` with each pair of pixels and its weight.
    func each(_ body: (_ small: Int, _ large: Int, _ weight: Float) -> Void) {
        for tap in taps { body(tap.small, tap.large, tap.weight) }
    }

    /// Keys' cubic convolution kernel with a = -0.5.
    private static func kernel(_ distance: Double) -> Double {
        let (a, x) = (-0.5, abs(distance))
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    }
}
