/// Changes an image's size, by default with Keys' bicubic kernel (a = -0.5), like PIL's `BICUBIC` and MATLAB's
/// `imresize`.
///
/// For downsampling, the kernel is widened by the factor, so that each output pixel averages all input pixels that it
/// covers (antialiasing). At the image's edges the kernel is cut off and normalised again, as in PIL; MATLAB mirrors
/// the image at its edges instead. The rows are resampled first and then clamped and rounded to 8 bits; the columns are
/// resampled after that, as in PIL. This clamping and rounding changes results by up to 13/255 where brightness or
/// colour changes abruptly.
public enum Resampler {
    /// The input pixels from which one output pixel is computed, along one axis: `first` is the index of the first
    /// input pixel, and each input pixel has one weight.
    private struct Taps {
        var first: Int
        var weights: [Float]
    }

    /// Resamples an 8-bit image to a size. The result is not rounded, and values may lie outside [0, 1]
    /// because of ringing.
    public static func resize(
        _ image: RGBImage, width: Int, height: Int, kernel: ResamplingKernel = .bicubic
    ) -> RGBImage {
        precondition(width > 0 && height > 0, "an image must have at least one pixel")
        let rows = horizontally(image, taps: taps(from: image.width, to: width, kernel)).roundedTo8Bits()
        return vertically(rows, taps: taps(from: image.height, to: height, kernel))
    }

    /// Resamples values that are no image, such as differences of two images, to a size. Nothing is clamped or rounded.
    static func resize(values: RGBImage, width: Int, height: Int) -> RGBImage {
        let rows = horizontally(values, taps: taps(from: values.width, to: width, .bicubic))
        return vertically(rows, taps: taps(from: values.height, to: height, .bicubic))
    }

    /// Downsamples an image whose sides are multiples of `factor`.
    public static func downsample(
        _ image: RGBImage, by factor: Int, kernel: ResamplingKernel = .bicubic
    ) -> RGBImage {
        precondition(
            image.width % factor == 0 && image.height % factor == 0, "the sides are not multiples of the factor")
        return resize(
            image, width: image.width / factor, height: image.height / factor, kernel: kernel)
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

    private static func vertically(_ image: RGBImage, taps: [Taps]) -> RGBImage {
        let (width, height) = (image.width, image.height)
        var result = [Float](repeating: 0, count: 3 * width * taps.count)
        result.withUnsafeMutableBufferPointer { target in
            image.values.withUnsafeBufferPointer { source in
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
        return RGBImage(width: width, height: taps.count, values: result)
    }

    private static func horizontally(_ image: RGBImage, taps: [Taps]) -> RGBImage {
        let rows = 3 * image.height
        var result = [Float](repeating: 0, count: rows * taps.count)
        result.withUnsafeMutableBufferPointer { target in
            image.values.withUnsafeBufferPointer { source in
                for (column, tap) in taps.enumerated() {
                    tap.weights.withUnsafeBufferPointer { weights in
                        for row in 0..<rows {
                            let input = source.baseAddress! + row * image.width + tap.first
                            var sum: Float = 0
                            for index in 0..<weights.count { sum += weights[index] * input[index] }
                            target[row * taps.count + column] = sum
                        }
                    }
                }
            }
        }
        return RGBImage(width: taps.count, height: image.height, values: result)
    }
}
