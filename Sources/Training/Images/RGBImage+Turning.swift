extension RGBImage {
    /// The image after the symmetry has been applied.
    func turned(by symmetry: Symmetry) -> RGBImage {
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
        return RGBImage(width: newWidth, height: newHeight, values: turned)
    }
}
