/// Changes a picture's size, by default with Keys' bicubic kernel (a = -0.5), as PIL's `BICUBIC` and MATLAB's `imresize` do.
///
/// When reducing, the kernel is widened by the factor, so that it averages over what becomes one pixel (antialiasing). At the
/// edges it is cut off and normalised anew, as PIL does it; MATLAB mirrors the picture there. Also as PIL, rows are resampled
/// first, and clamped and rounded to 8 bits before the columns: at hard edges that changes results by up to 13 of 255.
public enum Resampler {
    /// The pixels that make one output pixel, along one axis.
    private struct Taps {
        var first: Int
        var weights: [Float]
    }

    /// Resamples a picture of 8 bits to a size; the values are not rounded, and ringing may leave [0, 1].
    public static func resize(
        _ picture: RGBPicture, width: Int, height: Int, kernel: ResamplingKernel = .bicubic
    ) -> RGBPicture {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        let rows = horizontally(picture, taps: taps(from: picture.width, to: width, kernel)).roundedTo8Bits()
        return vertically(rows, taps: taps(from: picture.height, to: height, kernel))
    }

    /// Reduces a picture whose sides are multiples of `factor`.
    public static func downsample(
        _ picture: RGBPicture, by factor: Int, kernel: ResamplingKernel = .bicubic
    ) -> RGBPicture {
        precondition(picture.width % factor == 0 && picture.height % factor == 0, "the sides are no multiples")
        return resize(
            picture, width: picture.width / factor, height: picture.height / factor, kernel: kernel)
    }

    private static func taps(from input: Int, to output: Int, _ kernel: ResamplingKernel) -> [Taps] {
        let scale = Double(input) / Double(output)
        let stretch = max(scale, 1)
        let reach = kernel.support * stretch
        return (0..<output).map { index in
            let centre = (Double(index) + 0.5) * scale
            let first = max(0, Int((centre - reach + 0.5).rounded(.towardZero)))
            let end = min(input, Int((centre + reach + 0.5).rounded(.towardZero)))
            let weights = (first..<end).map { kernel.weight((Double($0) + 0.5 - centre) / stretch) }
            let sum = weights.reduce(0, +)
            return Taps(first: first, weights: weights.map { Float($0 / sum) })
        }
    }

    private static func vertically(_ picture: RGBPicture, taps: [Taps]) -> RGBPicture {
        let (width, height) = (picture.width, picture.height)
        var result = [Float](repeating: 0, count: 3 * width * taps.count)
        result.withUnsafeMutableBufferPointer { target in
            picture.values.withUnsafeBufferPointer { source in
                for plane in 0..<3 {
                    for (row, tap) in taps.enumerated() {
                        let output = target.baseAddress! + (plane * taps.count + row) * width
                        for (offset, weight) in tap.weights.enumerated() {
                            let input = source.baseAddress! + (plane * height + tap.first + offset) * width
                            for column in 0..<width { output[column] += weight * input[column] }
                        }
                    }
                }
            }
        }
        return RGBPicture(width: width, height: taps.count, values: result)
    }

    private static func horizontally(_ picture: RGBPicture, taps: [Taps]) -> RGBPicture {
        let rows = 3 * picture.height
        var result = [Float](repeating: 0, count: rows * taps.count)
        result.withUnsafeMutableBufferPointer { target in
            picture.values.withUnsafeBufferPointer { source in
                for (column, tap) in taps.enumerated() {
                    tap.weights.withUnsafeBufferPointer { weights in
                        for row in 0..<rows {
                            let input = source.baseAddress! + row * picture.width + tap.first
                            var sum: Float = 0
                            for index in 0..<weights.count { sum += weights[index] * input[index] }
                            target[row * taps.count + column] = sum
                        }
                    }
                }
            }
        }
        return RGBPicture(width: taps.count, height: picture.height, values: result)
    }
}
