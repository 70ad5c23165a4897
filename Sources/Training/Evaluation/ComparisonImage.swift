import Foundation
import Imaging

/// A comparison image as in papers. It shows the input, the bicubic result, each model's result and the original side
/// by side, with their scores.
public enum ComparisonImage {
    private static let cell = 288
    private static let gap = 12
    private static let textHeight = 15
    private static let captionHeight = 24

    /// Draws one row of crops per image, with names above and scores below.
    ///
    /// A crop is the centre of an image, at most 288 pixels per side. Before cropping, the low-resolution input is
    /// upscaled by repeating its pixels; the other images are not resized. Captions are left out if libvips cannot
    /// render text.
    public static func make(_ panels: [Evaluator.Panels]) -> RGBImage? {
        guard let first = panels.first else { return nil }
        let columns = first.results.count + 2
        let rowHeights = panels.map { min(cell, $0.original.height) + 2 * captionHeight + gap }
        let width = gap + columns * (cell + gap)
        let height = gap + rowHeights.reduce(0, +)
        var canvas = RGBImage(
            width: width, height: height, values: [Float](repeating: 1, count: 3 * width * height))
        var top = gap
        for (panel, rowHeight) in zip(panels, rowHeights) {
            draw(panel, top: top, on: &canvas)
            top += rowHeight
        }
        return canvas
    }

    private static func draw(_ panel: Evaluator.Panels, top: Int, on canvas: inout RGBImage) {
        let original = panel.original
        let side = (width: min(cell, original.width), height: min(cell, original.height))
        // The coordinates of the crop's upper left corner are multiples of the scale, so that no repeated pixel is cut
        // off there.
        let scale = original.width / panel.small.width
        let region = PixelRegion(
            x: (original.width - side.width) / 2 / scale * scale,
            y: (original.height - side.height) / 2 / scale * scale, width: side.width, height: side.height)
        let names = ["LR: \(panel.title)"] + panel.scores.map(\.method) + ["HR"]
        let captions = [""] + panel.scores.map(caption) + [""]
        let images = [repeated(panel.small, scale: scale)] + panel.results + [original]
        for (column, image) in images.enumerated() {
            let left = gap + column * (cell + gap)
            place(image.cropped(to: region), x: left, y: top + captionHeight, on: &canvas)
            write(names[column], x: left, y: top, on: &canvas)
            write(captions[column], x: left, y: top + captionHeight + side.height + 4, on: &canvas)
        }
    }

    private static func caption(_ score: EvaluationReport.Score) -> String {
        var text = String(format: "%.2f dB", score.psnr)
        if let ssim = score.ssim { text += String(format: " / %.4f", ssim) }
        if let vgg = score.vgg { text += String(format: " / VGG %.3f", vgg) }
        return text
    }

    private static func repeated(_ image: RGBImage, scale: Int) -> RGBImage {
        let (width, height) = (image.width * scale, image.height * scale)
        var values: [Float] = []
        values.reserveCapacity(3 * width * height)
        for row in 0..<3 * height {
            let source = (row / height * image.height + row % height / scale) * image.width
            for column in 0..<width { values.append(image.values[source + column / scale]) }
        }
        return RGBImage(width: width, height: height, values: values)
    }

    private static func place(_ image: RGBImage, x: Int, y: Int, on canvas: inout RGBImage) {
        for row in 0..<3 * image.height {
            let (plane, line) = (row / image.height, row % image.height)
            let start = (plane * canvas.height + y + line) * canvas.width + x
            canvas.values.replaceSubrange(
                start..<start + image.width, with: image.values[row * image.width..<(row + 1) * image.width])
        }
    }

    private static func write(_ text: String, x: Int, y: Int, on canvas: inout RGBImage) {
        guard !text.isEmpty, let image = TextImage(text, pixelHeight: textHeight) else { return }
        let (width, height) = (min(image.width, cell), min(image.height, captionHeight - 4))
        for plane in 0..<3 {
            for row in 0..<height {
                let target = (plane * canvas.height + y + row) * canvas.width + x
                for column in 0..<width {
                    canvas.values[target + column] *= 1 - Float(image.ink[row * image.width + column]) / 255
                }
            }
        }
    }
}
