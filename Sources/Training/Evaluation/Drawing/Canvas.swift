import Imaging

/// A white image on which images and black text are placed.
struct Canvas {
    /// The height of a line of text with the space below it.
    static let lineHeight = 24
    private static let textHeight = 15

    /// The drawing so far.
    private(set) var image: RGBImage

    /// Makes a white canvas.
    init(width: Int, height: Int) {
        image = RGBImage(width: width, height: height, values: [Float](repeating: 1, count: 3 * width * height))
    }

    /// Places an image, which must lie inside the canvas.
    mutating func place(_ part: RGBImage, x: Int, y: Int) {
        precondition(x >= 0 && y >= 0 && x + part.width <= image.width && y + part.height <= image.height)
        for row in 0..<3 * part.height {
            let (plane, line) = (row / part.height, row % part.height)
            let start = (plane * image.height + y + line) * image.width + x
            image.values.replaceSubrange(
                start..<start + part.width, with: part.values[row * part.width..<(row + 1) * part.width])
        }
    }

    /// Writes one line of text, cut off after `width` pixels. Writes nothing if libvips cannot render text.
    mutating func write(_ text: String, x: Int, y: Int, width: Int) {
        guard !text.isEmpty, let rendered = TextImage(text, pixelHeight: Self.textHeight) else { return }
        let (columns, rows) = (min(rendered.width, width), min(rendered.height, Self.lineHeight - 4))
        for plane in 0..<3 {
            for row in 0..<rows {
                let target = (plane * image.height + y + row) * image.width + x
                for column in 0..<columns {
                    image.values[target + column] *= 1 - Float(rendered.ink[row * rendered.width + column]) / 255
                }
            }
        }
    }
}
