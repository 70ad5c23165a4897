/// Continues an image beyond its border by reflecting its pixels: the outermost pixels are repeated, then come those
/// beside them.
///
/// The network pads its input with zeros, that is with black, which at the corner of a flat, saturated area changes the
/// output by up to 28 (of 255) with the shipped models. With 4 or more reflected pixels the difference is 1.
///
/// Reflection with the outermost pixels repeated fits images that were made smaller, as the training's were. Measured on
/// six images of Set14, PSNR on Y in dB with the whole border, and of the outermost 16 pixels alone: zeros 25.718 and
/// 26.176; this reflection 25.714 and 26.188; reflection without repeated pixels 25.579 and 25.158; only the outermost
/// pixels 25.627 and 25.567.
public enum BorderReflection {
    /// The number of pixels by which an image is continued. More pixels change the output by less than one 8-bit value.
    public static let width = 8

    /// The column (or row) of an image with `count` columns that is shown at a column inside or beyond the border.
    public static func source(of index: Int, in count: Int) -> Int {
        let period = 2 * count
        let position = (index % period + period) % period
        return min(position, period - 1 - position)
    }

    /// Copies a region of an image from a plane that holds a part of the image. Pixels beyond the image's border are
    /// reflected.
    ///
    /// - Parameters:
    ///   - region: The region, which may reach beyond the image.
    ///   - source: The plane, `[held.height, held.width]`.
    ///   - held: The part of the image in the plane. It contains every pixel of the region, and those that are reflected.
    ///   - target: `[region.height, region.width]`.
    public static func copy(
        _ region: PixelRegion, of source: UnsafePointer<Float>, holding held: PixelRegion, imageWidth: Int,
        imageHeight: Int, into target: UnsafeMutablePointer<Float>
    ) {
        // The columns of the region that lie in the image; those before and after them are reflected.
        let inside = max(0, -region.x)..<min(region.width, imageWidth - region.x)
        for row in 0..<region.height {
            let y = Self.source(of: region.y + row, in: imageHeight) - held.y
            // The pixel of the image's first column, which may lie before the memory that is read.
            let first = y * held.width - held.x
            let line = target + row * region.width
            (line + inside.lowerBound).update(
                from: source + (first + region.x + inside.lowerBound), count: inside.count)
            for column in [0..<inside.lowerBound, inside.upperBound..<region.width].joined() {
                line[column] = source[first + Self.source(of: region.x + column, in: imageWidth)]
            }
        }
    }
}
