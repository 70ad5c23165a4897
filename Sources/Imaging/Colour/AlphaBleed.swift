/// Fills transparent pixels with neighbouring colours (alpha bleeding).
///
/// The network computes each pixel from many pixels around it, so black or white that is stored under transparent
/// pixels would show as a fringe around the visible part. The transparent pixels are filled in rings, from the visible
/// pixels outwards: each pixel takes the mean of its neighbours in earlier rings. A pixel's result depends only on
/// pixels within `radius` of it, so neighbouring tiles compute the same colours where they overlap.
public enum AlphaBleed {
    /// Number of rings to fill. A colour that is farther away changes the network's output by less than 1 in 255: see
    /// the entry for 12 pixels in `overlap_differences`, in the metadata of each shipped model.
    public static let radius = 12

    /// Fills the transparent pixels of a rectangle in place.
    ///
    /// - Parameters:
    ///   - planes: `[colours + 1, height, width]`; the last plane is the alpha channel.
    ///   - colours: the number of colour planes, 1 or 3.
    ///   - width: the rectangle's width in pixels.
    ///   - height: its height in pixels.
    public static func apply(to planes: UnsafeMutableBufferPointer<Float>, colours: Int, width: Int, height: Int) {
        let count = width * height
        precondition(planes.count >= (colours + 1) * count, "the planes are too small")
        let alpha = planes.baseAddress! + colours * count
        // The ring in which each pixel got its colour: 0 for visible pixels, `unset` for pixels without a colour yet.
        let unset = UInt8.max
        var ring = [UInt8](repeating: 0, count: count)
        var hidden: [Int] = []
        for index in 0..<count where alpha[index] == 0 {
            ring[index] = unset
            hidden.append(index)
        }
        guard !hidden.isEmpty, hidden.count < count else { return }
        for step in 1...UInt8(radius) {
            var rest: [Int] = []
            rest.reserveCapacity(hidden.count)
            for index in hidden {
                if !fill(
                    index, ring: &ring, step: step, planes.baseAddress!, colours: colours, width: width, height: height)
                {
                    rest.append(index)
                }
            }
            if rest.count == hidden.count || rest.isEmpty { return }
            hidden = rest
        }
    }

    /// Fills one pixel with the mean of its neighbours from earlier rings; returns false if it has none.
    private static func fill(
        _ index: Int, ring: inout [UInt8], step: UInt8, _ planes: UnsafeMutablePointer<Float>, colours: Int, width: Int,
        height: Int
    ) -> Bool {
        let (y, x) = index.quotientAndRemainder(dividingBy: width)
        var neighbours = 0
        var sum: (Float, Float, Float) = (0, 0, 0)
        let count = width * height
        for row in max(0, y - 1)...min(height - 1, y + 1) {
            for column in max(0, x - 1)...min(width - 1, x + 1) {
                let other = row * width + column
                guard ring[other] < step else { continue }
                neighbours += 1
                sum.0 += planes[other]
                guard colours == 3 else { continue }
                sum.1 += planes[count + other]
                sum.2 += planes[2 * count + other]
            }
        }
        guard neighbours > 0 else { return false }
        let factor = 1 / Float(neighbours)
        planes[index] = sum.0 * factor
        if colours == 3 {
            planes[count + index] = sum.1 * factor
            planes[2 * count + index] = sum.2 * factor
        }
        ring[index] = step
        return true
    }
}
