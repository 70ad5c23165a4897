extension RGBImage {
    /// The image with each pixel repeated `factor` times in both directions.
    func repeatingPixels(_ factor: Int) -> RGBImage {
        let (newWidth, newHeight) = (width * factor, height * factor)
        var repeated: [Float] = []
        repeated.reserveCapacity(3 * newWidth * newHeight)
        for row in 0..<3 * newHeight {
            let source = (row / newHeight * height + row % newHeight / factor) * width
            for column in 0..<newWidth { repeated.append(values[source + column / factor]) }
        }
        return RGBImage(width: newWidth, height: newHeight, values: repeated)
    }
}
