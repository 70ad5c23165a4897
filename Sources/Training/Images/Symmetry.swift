/// One of the eight symmetries of a square, for images of any size.
struct Symmetry {
    /// Bit 0 reverses the order of the rows, bit 1 reverses that of the columns, and bit 2 then transposes the image.
    let bits: Int

    /// The symmetry that undoes this one.
    var inverse: Symmetry {
        isTransposing ? Symmetry(bits: 4 | (bits & 1) << 1 | (bits & 2) >> 1) : self
    }

    var isTransposing: Bool { bits & 4 != 0 }

    /// The pixel of the original image that moves to a position of the result.
    ///
    /// - Parameters:
    ///   - width: The original's width.
    ///   - height: The original's height.
    @inline(__always)
    func origin(ofRow row: Int, column: Int, width: Int, height: Int) -> (row: Int, column: Int) {
        let (a, b) = isTransposing ? (column, row) : (row, column)
        return (bits & 1 == 0 ? a : height - 1 - a, bits & 2 == 0 ? b : width - 1 - b)
    }
}
