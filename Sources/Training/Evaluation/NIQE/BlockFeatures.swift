import Foundation

/// The 18 features of one block at one scale: the parameters of the distributions of its normalised values and of the
/// products of neighbouring values.
enum BlockFeatures {
    /// An asymmetric generalised Gaussian distribution.
    private struct Distribution {
        var shape: Double
        /// The scale of the negative values.
        var left: Double
        /// The scale of the positive values.
        var right: Double

        /// The mean (equation 8 of the paper on NIQE).
        var mean: Double { (right - left) * tgamma(2 / shape) / tgamma(1 / shape) }
    }

    private static let shapes = (0..<9801).map { 0.2 + 0.001 * Double($0) }
    /// Gamma(2/a)^2 / (Gamma(1/a) Gamma(3/a)) of each shape a; increases with a.
    private static let ratios = shapes.map { shape -> Double in
        let two = tgamma(2 / shape)
        return two * two / (tgamma(1 / shape) * tgamma(3 / shape))
    }

    /// The features of a block of normalised values. Features without a value are NaN.
    static func values(_ plane: Plane, x: Int, y: Int, side: Int) -> [Double] {
        var block: [Double] = []
        for row in y..<y + side {
            let start = row * plane.width + x
            block += plane.values[start..<start + side]
        }
        let own = fit(block)
        var features = [own.shape, (own.left + own.right) / 2]
        // The neighbours to the left, above, to the upper left and to the upper right; the block continues at its
        // opposite edge.
        let shifts: [(Int, Int)] = [(0, 1), (1, 0), (1, 1), (1, -1)]
        for (down, right) in shifts {
            let products = [Double](unsafeUninitializedCapacity: side * side) { products, count -> Void in
                block.withUnsafeBufferPointer { block in
                    for row in 0..<side {
                        let other: Int = (row - down + side) % side * side
                        for column in 0..<side {
                            let neighbour = other + (column - right + side) % side
                            products[row * side + column] = block[row * side + column] * block[neighbour]
                        }
                    }
                }
                count = side * side
            }
            let pair = fit(products)
            features += [pair.shape, pair.mean, pair.left, pair.right]
        }
        return features
    }

    /// Fits a distribution by matching moments (Lasmar, Stitou and Berthoumieu 2009).
    private static func fit(_ values: [Double]) -> Distribution {
        var (negative, negatives, positive, positives, absolute) = (0.0, 0, 0.0, 0, 0.0)
        values.withUnsafeBufferPointer { values in
            for value in values {
                if value < 0 {
                    negative += value * value
                    negatives += 1
                    absolute -= value
                } else if value > 0 {
                    positive += value * value
                    positives += 1
                    absolute += value
                }
            }
        }
        let left = (negative / Double(negatives)).squareRoot()
        let right = (positive / Double(positives)).squareRoot()
        let balance = left / right
        let mean = absolute / Double(values.count)
        let ratio = mean * mean / ((negative + positive) / Double(values.count))
        let square = balance * balance
        let wanted = ratio * (square * balance + 1) * (balance + 1) / ((square + 1) * (square + 1))
        let shape = shape(for: wanted)
        let factor = (tgamma(1 / shape) / tgamma(3 / shape)).squareRoot()
        return Distribution(shape: shape, left: left * factor, right: right * factor)
    }

    /// The shape with the nearest ratio; the least shape if the ratio is not a number.
    private static func shape(for ratio: Double) -> Double {
        var (low, high) = (0, ratios.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if ratios[middle] < ratio { low = middle } else { high = middle }
        }
        guard !ratio.isNaN else { return shapes[0] }
        return ratio - ratios[low] <= ratios[high] - ratio ? shapes[low] : shapes[high]
    }
}
