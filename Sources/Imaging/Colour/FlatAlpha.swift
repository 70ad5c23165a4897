/// Keeps solid areas solid: where the alpha does not change nearby, its upscaling is that same value.
///
/// A network leaves 254.6 of 255; over a whole image that would make an opaque one see-through, and beside a tile whose
/// alpha is constant, and which the network therefore never sees, it would be a seam.
public enum FlatAlpha {
    /// How far around a pixel the alpha must be the same.
    public static let radius = 2

    /// Whether all values are the same one, and which.
    public static func constant(_ plane: UnsafeBufferPointer<Float>) -> Float? {
        guard let first = plane.first, plane.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// Overwrites the upscaling of each pixel in a flat neighbourhood.
    ///
    /// - Parameters:
    ///   - alpha: `[height, width]`, the alpha of a part of the image.
    ///   - width: that part's width.
    ///   - height: its height.
    ///   - keep: which pixels were upscaled, counted from that part's left upper corner.
    ///   - scale: how many times.
    ///   - upscaled: `[scale * keep.height, scale * keep.width]`.
    public static func restore(
        _ alpha: UnsafePointer<Float>, width: Int, height: Int, keep: PixelRegion, scale: Int,
        in upscaled: UnsafeMutablePointer<Float>
    ) {
        let rowLength = keep.width * scale
        for y in 0..<keep.height {
            for x in 0..<keep.width
            where isFlat(alpha, x: keep.x + x, y: keep.y + y, width: width, height: height) {
                let value = alpha[(keep.y + y) * width + keep.x + x]
                for row in 0..<scale {
                    let target = upscaled + (y * scale + row) * rowLength + x * scale
                    target.update(repeating: value, count: scale)
                }
            }
        }
    }

    private static func isFlat(_ alpha: UnsafePointer<Float>, x: Int, y: Int, width: Int, height: Int) -> Bool {
        let value = alpha[y * width + x]
        for row in max(0, y - radius)...min(height - 1, y + radius) {
            for column in max(0, x - radius)...min(width - 1, x + radius) where alpha[row * width + column] != value {
                return false
            }
        }
        return true
    }
}
