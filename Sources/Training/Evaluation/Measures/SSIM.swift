import Glibc

/// The structural similarity of Wang et al. 2004: a Gaussian window of 11 x 11 with sigma 1.5, K1 = 0.01, K2 = 0.03.
///
/// Equals scikit-image's `structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False)`. The
/// mean covers only the positions at which the whole window lies inside the image.
public enum SSIM {
    /// The window's width and height in pixels; smaller planes have no SSIM.
    public static let window = 11

    private static let weights: [Double] = {
        let raw = (-5...5).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
        let sum = raw.reduce(0, +)
        return raw.map { $0 / sum }
    }()

    /// The mean SSIM over all positions and planes, for a peak value of 255; nil for planes smaller than the window.
    public static func mean(_ a: [Plane], _ b: [Plane]) -> Double? {
        precondition(a.count == b.count && !a.isEmpty, "the numbers of planes differ")
        var sum = 0.0
        for (a, b) in zip(a, b) {
            guard let similarity = mean(a, b) else { return nil }
            sum += similarity
        }
        return sum / Double(a.count)
    }

    private static func mean(_ a: Plane, _ b: Plane) -> Double? {
        precondition(a.width == b.width && a.height == b.height, "the sizes differ")
        guard a.width >= window, a.height >= window else { return nil }
        let meanA = smoothed(a.values, width: a.width)
        let meanB = smoothed(b.values, width: a.width)
        let squareA = smoothed(zip(a.values, a.values).map { $0 * $1 }, width: a.width)
        let squareB = smoothed(zip(b.values, b.values).map { $0 * $1 }, width: a.width)
        let product = smoothed(zip(a.values, b.values).map { $0 * $1 }, width: a.width)
        let c1 = (0.01 * 255) * (0.01 * 255)
        let c2 = (0.03 * 255) * (0.03 * 255)
        var sum = 0.0
        for i in meanA.indices {
            let (x, y) = (meanA[i], meanB[i])
            let covariance = product[i] - x * y
            let variances = squareA[i] - x * x + squareB[i] - y * y
            sum += (2 * x * y + c1) * (2 * covariance + c2) / ((x * x + y * y + c1) * (variances + c2))
        }
        return sum / Double(meanA.count)
    }

    /// The weighted mean over the window, for each position at which the whole window lies inside the image. The result
    /// has the shape `[height - 10, width - 10]`.
    private static func smoothed(_ values: [Double], width: Int) -> [Double] {
        let height = values.count / width
        let (innerWidth, innerHeight) = (width - window + 1, height - window + 1)
        var rows = [Double](repeating: 0, count: height * innerWidth)
        var result = [Double](repeating: 0, count: innerHeight * innerWidth)
        values.withUnsafeBufferPointer { source in
            rows.withUnsafeMutableBufferPointer { target in
                for y in 0..<height {
                    for (offset, weight) in weights.enumerated() {
                        let input = source.baseAddress! + y * width + offset
                        let output = target.baseAddress! + y * innerWidth
                        for x in 0..<innerWidth { output[x] += weight * input[x] }
                    }
                }
            }
        }
        rows.withUnsafeBufferPointer { source in
            result.withUnsafeMutableBufferPointer { target in
                for y in 0..<innerHeight {
                    for (offset, weight) in weights.enumerated() {
                        let input = source.baseAddress! + (y + offset) * innerWidth
                        let output = target.baseAddress! + y * innerWidth
                        for x in 0..<innerWidth { output[x] += weight * input[x] }
                    }
                }
            }
        }
        return result
    }
}
