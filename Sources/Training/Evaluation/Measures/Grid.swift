import Foundation

/// The strength of a grid with a period of 4 pixels.
///
/// Networks that upscale 4 times and are trained with VGG-19's features after two poolings tend to draw such a grid
/// (docs/training.md, "Perceptual training without a grid"). The measure is this project's own. It takes the luma less
/// its blur (Gaussian, sigma 3), multiplied by a Hann window, and its power spectrum. The mean power of the three rows
/// around frequency 1/4 is divided by that of the rows at a distance of 3 to 6; both cover the frequencies -1, 0 and 1
/// of the other axis. The result is the mean of both axes. Photographs have 0.8 to 1.2 on average; a single image may
/// have 0.4 to 2.
public enum Grid {
    /// The least width and height in pixels. Smaller planes have too few frequencies around 1/4.
    public static let leastSide = 48

    private static let blur = SeparableFilter(
        weights: SeparableFilter.gaussian(sigma: 3, radius: 12), edge: .mirrored)
    /// The power below which neighbouring frequencies hold nothing but rounding errors.
    private static let leastPower = 1e-9

    /// The grid of a luma plane (0 to 255); nil for a plane that is smaller than `leastSide` or has no detail.
    public static func strength(_ plane: Plane) -> Double? {
        let (width, height) = (plane.width, plane.height)
        guard min(width, height) >= leastSide else { return nil }
        let (blurred, columns, rows) = (blur(plane), hann(width), hann(height))
        let residual = (0..<width * height).map { index -> Double in
            let detail = plane.values[index] - blurred.values[index]
            return detail * columns[index % width] * rows[index / width]
        }
        guard let vertical = ratio(residual, count: height, step: width, others: width, otherStep: 1),
            let horizontal = ratio(residual, count: width, step: 1, others: height, otherStep: width)
        else { return nil }
        return (vertical + horizontal) / 2
    }

    /// The power at a quarter of the sampling frequency along one axis, relative to its neighbours.
    ///
    /// Only 33 coefficients of the Fourier transform are needed, so they are computed one by one.
    ///
    /// - Parameters:
    ///   - count: The number of pixels along the axis, `step` values apart.
    ///   - others: The number of pixels along the other axis, `otherStep` values apart.
    private static func ratio(
        _ values: [Double], count: Int, step: Int, others: Int, otherStep: Int
    ) -> Double? {
        // The transform along the other axis at frequency 0 (a sum) and at frequency 1.
        var (sums, cosines, sines) = ([Double](), [Double](), [Double]())
        let waves = (0..<others).map { position -> (Double, Double) in
            let angle = 2 * Double.pi * Double(position) / Double(others)
            return (cos(angle), -sin(angle))
        }
        values.withUnsafeBufferPointer { values in
            for index in 0..<count {
                var (sum, cosine, sine) = (0.0, 0.0, 0.0)
                for other in 0..<others {
                    let value = values[index * step + other * otherStep]
                    sum += value
                    cosine += value * waves[other].0
                    sine += value * waves[other].1
                }
                sums.append(sum)
                cosines.append(cosine)
                sines.append(sine)
            }
        }
        func power(_ frequency: Int) -> Double {
            // The real values' coefficient at frequency -1 is the conjugate of that at frequency 1.
            var (zero, plus, minus) = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0))
            for index in 0..<count {
                let angle = 2 * Double.pi * Double(frequency * index % count) / Double(count)
                let (cosine, sine) = (cos(angle), -sin(angle))
                zero = (zero.0 + sums[index] * cosine, zero.1 + sums[index] * sine)
                let (a, b) = (cosines[index] * cosine, sines[index] * sine)
                let (c, d) = (cosines[index] * sine, sines[index] * cosine)
                plus = (plus.0 + a - b, plus.1 + c + d)
                minus = (minus.0 + a + b, minus.1 + c - d)
            }
            let sum = zero.0 * zero.0 + zero.1 * zero.1 + plus.0 * plus.0 + plus.1 * plus.1
            return (sum + minus.0 * minus.0 + minus.1 * minus.1) / 3
        }
        let centre = Int((Double(count) / 4).rounded(.toNearestOrEven))
        let peak = (-1...1).reduce(0.0) { $0 + power(centre + $1) } / 3
        let near = (3...6).reduce(0.0) { $0 + power(centre - $1) + power(centre + $1) } / 8
        return near > leastPower ? peak / near : nil
    }

    private static func hann(_ count: Int) -> [Double] {
        (0..<count).map { index -> Double in 0.5 - 0.5 * cos(2 * Double.pi * Double(index) / Double(count - 1)) }
    }
}
