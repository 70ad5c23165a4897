/// The resampling kernels: PIL's `BICUBIC`, `BOX` and `BILINEAR`.
public enum ResamplingKernel: String, Sendable, CaseIterable, Codable {
    /// Piecewise cubic (Keys 1981, a = -0.5).
    case bicubic
    /// The mean of the input pixels that one output pixel covers (box).
    case area
    /// Linear interpolation (triangle).
    case bilinear

    /// The distance beyond which the kernel is zero, in pixels of the smaller image.
    var support: Double {
        switch self {
        case .bicubic: 2
        case .area: 0.5
        case .bilinear: 1
        }
    }

    /// The weight at a distance, in pixels of the smaller image.
    func weight(_ position: Double) -> Double {
        let x = abs(position)
        switch self {
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
            return 0
        // PIL's box excludes its lower end, so a pixel whose centre lies on the boundary of two boxes counts in only
        // one of them.
        case .area: return position > -0.5 && position <= 0.5 ? 1 : 0
        case .bilinear: return max(0, 1 - x)
        }
    }
}
