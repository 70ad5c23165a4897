/// Keeps areas of constant alpha exact: a pixel whose neighbours have the same alpha keeps that alpha when it is
/// upscaled.
///
/// The network turns an alpha of 255 into 254.6. This small error would make an opaque image slightly transparent. It
/// would also show as a seam beside a tile of constant alpha, because such a tile skips the network.
public enum FlatAlpha {
    /// The distance in pixels around a pixel within which the alpha must be constant.
    public static let radius = 2

    /// The plane's value if all its values are equal, otherwise nil.
    public static func constant(_ plane: UnsafeBufferPointer<Float>) -> Float? {
        guard let first = plane.first, plane.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// Overwrites the upscaled alpha of every pixel whose neighbourhood is constant.
    ///
    /// - Parameters:
    ///   - alpha: `[height, width]`, the alpha of a region of the image.
    ///   - width: the region's width in pixels.
    ///   - height: its height in pixels.
    ///   - keep: the pixels that were upscaled, in coordinates of that region.
    ///   - scale: the upscaling factor.
    ///   - upscaled: the upscaled alpha of `keep`, `[scale * keep.height, scale * keep.width]`.
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
