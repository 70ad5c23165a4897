/// One of the eight symmetries of a square, for pictures of any size.
struct Symmetry {
    /// Bit 0 turns the rows' order round, bit 1 the columns', and bit 2 then exchanges rows and columns.
    let bits: Int

    /// The symmetry that undoes this one.
    var inverse: Symmetry {
        isTransposing ? Symmetry(bits: 4 | (bits & 1) << 1 | (bits & 2) >> 1) : self
    }

    var isTransposing: Bool { bits & 4 != 0 }

    /// Which pixel of a picture comes to a place.
    @inline(__always)
    func origin(ofRow row: Int, column: Int, width: Int, height: Int) -> (row: Int, column: Int) {
        let (a, b) = isTransposing ? (column, row) : (row, column)
        return (bits & 1 == 0 ? a : height - 1 - a, bits & 2 == 0 ? b : width - 1 - b)
    }
}

extension RGBPicture {
    /// The picture flipped and turned.
    func turned(by symmetry: Symmetry) -> RGBPicture {
        if symmetry.bits == 0 { return self }
        let (newWidth, newHeight) = symmetry.isTransposing ? (height, width) : (width, height)
        let turned = [Float](unsafeUninitializedCapacity: values.count) { target, count in
            values.withUnsafeBufferPointer { source in
                for plane in 0..<3 {
                    for row in 0..<newHeight {
                        for column in 0..<newWidth {
                            let from = symmetry.origin(ofRow: row, column: column, width: width, height: height)
                            target[(plane * newHeight + row) * newWidth + column] =
                                source[(plane * height + from.row) * width + from.column]
                        }
                    }
                }
            }
            count = values.count
        }
        return RGBPicture(width: newWidth, height: newHeight, values: turned)
    }
}
