import Foundation

/// NIQE, a measure of how natural an image is that needs no original: Mittal, Soundararajan and Bovik, "Making a
/// completely blind image quality analyzer", IEEE Signal Processing Letters 2013. The lower, the more natural.
///
/// The features of blocks of 96 x 96 pixels are compared with those of undistorted photographs (`NIQEParameters`), at
/// full and at half size. Equals BasicSR's `calculate_niqe` without its cropped border.
public enum NIQE {
    /// A block's width and height in pixels.
    public static let block = 96

    private static let window = SeparableFilter(
        weights: SeparableFilter.gaussian(sigma: 7 / 6, radius: 3), edge: .repeated)
    /// The bicubic kernel for half the size, mirrored at the edges: MATLAB's `imresize`.
    private static let halving: SeparableFilter = {
        let weights = (0..<8).map { ResamplingKernel.bicubic.weight((Double($0) - 3.5) / 2) }
        let sum = weights.reduce(0, +)
        return SeparableFilter(weights: weights.map { $0 / sum }, edge: .mirrored, stride: 2)
    }()

    /// The score of a luma plane (16 to 235).
    ///
    /// - Returns: nil, if fewer than two blocks fit into the plane or have features. One-coloured blocks have none.
    public static func score(_ luma: Plane) -> Double? {
        let (columns, rows) = (luma.width / block, luma.height / block)
        guard columns * rows > 1 else { return nil }
        var plane = Plane(
            width: columns * block, height: rows * block,
            values: (0..<rows * block).flatMap { row -> [Double] in
                let start = row * luma.width
                return luma.values[start..<start + columns * block].map { $0.rounded(.toNearestOrEven) }
            })
        var features = [[Double]](repeating: [], count: columns * rows)
        for side in [block, block / 2] {
            let normalized = normalized(plane)
            for index in features.indices {
                features[index] += BlockFeatures.values(
                    normalized, x: index % columns * side, y: index / columns * side, side: side)
            }
            if side == block { plane = halving(plane) }
        }
        return distance(features)
    }

    /// The values less their local mean, divided by their local standard deviation (equation 1 of the paper).
    private static func normalized(_ plane: Plane) -> Plane {
        let mean = window(plane)
        let square = window(Plane(width: plane.width, height: plane.height, values: plane.values.map { $0 * $0 }))
        return Plane(
            width: plane.width, height: plane.height,
            values: plane.values.indices.map { index -> Double in
                let local = mean.values[index]
                return (plane.values[index] - local) / (abs(square.values[index] - local * local).squareRoot() + 1)
            })
    }

    /// The distance between the blocks' features and those of photographs (equation 10 of the paper).
    private static func distance(_ blocks: [[Double]]) -> Double? {
        let count = NIQEParameters.mean.count
        let complete = blocks.filter { $0.allSatisfy { !$0.isNaN } }
        guard complete.count > 1 else { return nil }
        // As in the original implementation, the mean of a feature also covers the blocks that lack another feature.
        let difference = (0..<count).map { feature -> Double in
            let values = blocks.map { $0[feature] }.filter { !$0.isNaN }
            return NIQEParameters.mean[feature] - values.reduce(0, +) / Double(values.count)
        }
        let centre = (0..<count).map { feature -> Double in
            complete.reduce(0.0) { $0 + $1[feature] } / Double(complete.count)
        }
        var matrix = [Double](repeating: 0, count: count * count)
        var entry = 0
        for row in 0..<count {
            for column in row..<count {
                var own = 0.0
                for block in complete { own += (block[row] - centre[row]) * (block[column] - centre[column]) }
                let mean = (NIQEParameters.covariance[entry] + own / Double(complete.count - 1)) / 2
                matrix[row * count + column] = mean
                matrix[column * count + row] = mean
                entry += 1
            }
        }
        return mahalanobis(difference, matrix)
    }

    /// The square root of d' M^-1 d for a positive definite matrix M, by Cholesky decomposition.
    private static func mahalanobis(_ difference: [Double], _ matrix: [Double]) -> Double {
        let count = difference.count
        var (factor, solution) = (matrix, difference)
        for row in 0..<count {
            for column in 0...row {
                var sum = factor[row * count + column]
                for k in 0..<column { sum -= factor[row * count + k] * factor[column * count + k] }
                factor[row * count + column] =
                    row == column ? sum.squareRoot() : sum / factor[column * count + column]
            }
            for k in 0..<row { solution[row] -= factor[row * count + k] * solution[k] }
            solution[row] /= factor[row * count + row]
        }
        return solution.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
    }
}
