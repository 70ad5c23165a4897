/// The error of colours, which PSNR on luma does not show: the distance between the mean colours of blocks of the
/// result and of the low-resolution input.
///
/// The measure is this project's own. It compares the result with the input and not with the original, because a
/// model cannot know colours that the input does not have.
public enum ColourError {
    /// A block's width and height in pixels of the result. If 16 is not a multiple of the scale, blocks are smaller.
    public static let block = 16

    /// The mean absolute difference of the block means over red, green and blue, in 255ths. Incomplete blocks at the
    /// right and bottom edge are left out.
    ///
    /// - Returns: nil, if the image is smaller than a block.
    public static func mean(_ result: RGBImage, input: RGBImage) -> Double? {
        let scale = result.width / input.width
        let side = max(1, block / scale)
        let (a, b) = (means(result, side: side * scale), means(input, side: side))
        precondition(a.count == b.count, "the result's size is no multiple of the input's")
        guard !a.isEmpty else { return nil }
        return 255 * zip(a, b).reduce(0.0) { $0 + abs($1.0 - $1.1) } / Double(a.count)
    }

    private static func means(_ image: RGBImage, side: Int) -> [Double] {
        let (columns, rows) = (image.width / side, image.height / side)
        var sums = [Double](repeating: 0, count: 3 * columns * rows)
        image.values.withUnsafeBufferPointer { values in
            for plane in 0..<3 {
                for y in 0..<rows * side {
                    let line = (plane * image.height + y) * image.width
                    let block = (plane * rows + y / side) * columns
                    for x in 0..<columns * side { sums[block + x / side] += Double(values[line + x]) }
                }
            }
        }
        return sums.map { $0 / Double(side * side) }
    }
}
