import Glibc

/// The peak signal-to-noise ratio.
public enum PSNR {
    /// The ratio in decibels for a peak value of 255, over all planes together; infinite for equal planes.
    public static func decibels(_ a: [Plane], _ b: [Plane]) -> Double {
        precondition(a.count == b.count, "the numbers of planes differ")
        var (sum, count) = (0.0, 0)
        for (a, b) in zip(a, b) {
            precondition(a.width == b.width && a.height == b.height, "the sizes differ")
            for (x, y) in zip(a.values, b.values) { sum += (x - y) * (x - y) }
            count += a.values.count
        }
        return 10 * log10(255 * 255 / (sum / Double(count)))
    }
}
