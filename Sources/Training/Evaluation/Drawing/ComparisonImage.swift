import Foundation
import Imaging

/// A comparison image as in papers. It shows the input, the bicubic result, each model's result and the original side
/// by side, with their scores.
public enum ComparisonImage {
    private static let cell = 288
    private static let gap = 12
    private static let captionHeight = Canvas.lineHeight

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
        var canvas = Canvas(width: width, height: height)
        var top = gap
        for (panel, rowHeight) in zip(panels, rowHeights) {
            draw(panel, top: top, on: &canvas)
            top += rowHeight
        }
        return canvas.image
    }

    private static func draw(_ panel: Evaluator.Panels, top: Int, on canvas: inout Canvas) {
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
        let images = [panel.small.repeatingPixels(scale)] + panel.results + [original]
        for (column, image) in images.enumerated() {
            let left = gap + column * (cell + gap)
            canvas.place(image.cropped(to: region), x: left, y: top + captionHeight)
            canvas.write(names[column], x: left, y: top, width: cell)
            canvas.write(captions[column], x: left, y: top + captionHeight + side.height + 4, width: cell)
        }
    }

    private static func caption(_ score: EvaluationReport.Score) -> String {
        var text = String(format: "%.2f dB", score.psnr)
        if let ssim = score.ssim { text += String(format: " / %.4f", ssim) }
        if let vgg = score.vgg { text += String(format: " / VGG %.3f", vgg) }
        return text
    }
}
