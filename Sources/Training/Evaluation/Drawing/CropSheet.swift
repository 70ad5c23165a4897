import Imaging
import NeuralNetwork

/// A sheet of crops to judge models by eye: for each crop the original, the bicubic result and each model's result,
/// side by side at twice their size.
///
/// The crops are drawn by a seed before any result exists, so that nobody can choose those that favour a model.
public struct CropSheet: Sendable {
    /// A part of an image.
    struct Crop: Sendable, Equatable {
        /// The image's index among the images of all datasets.
        var image: Int
        /// The position as a share of the free space, from 0 (left, top) to 1 (right, bottom).
        var x: Double
        /// As `x`.
        var y: Double
    }

    /// The longest side of a crop in pixels of the original.
    static let side = 144
    private static let zoom = 2
    private static let gap = 12

    let crops: [Crop]

    /// Draws the crops. Each image is used once before an image is used again.
    public init(count: Int, imageCount: Int, seed: UInt64) {
        precondition(count > 0 && imageCount > 0)
        var random = SeededGenerator(seed: seed)
        let order = (0..<imageCount).shuffled(using: &random)
        crops = (0..<count).map { index in
            Crop(image: order[index % imageCount], x: Double(random.uniform()), y: Double(random.uniform()))
        }
    }

    /// The indices of the images that the sheet shows.
    public var images: Set<Int> { Set(crops.map(\.image)) }

    /// Draws the sheet.
    ///
    /// - Parameter panels: The panels of at least the images in `images`.
    /// - Returns: nil, if the panels of an image are missing.
    public func draw(_ panels: [Evaluator.Panels]) -> RGBImage? {
        let rows = crops.compactMap { crop in panels.first { $0.index == crop.image }.map { (crop, $0) } }
        guard rows.count == crops.count, let columns = rows.first.map({ $0.1.results.count + 1 }) else { return nil }
        let (cell, line) = (Self.zoom * Self.side, Canvas.lineHeight)
        var canvas = Canvas(
            width: Self.gap + columns * (cell + Self.gap), height: Self.gap + rows.count * (cell + 2 * line + Self.gap))
        for (row, (crop, panel)) in rows.enumerated() {
            let top = Self.gap + row * (cell + 2 * line + Self.gap)
            let region = Self.region(of: crop, in: panel.original)
            canvas.write(
                "\(panel.title), \(region.x) \(region.y)", x: Self.gap, y: top, width: canvas.image.width - 2 * Self.gap
            )
            let images = zip(["original"] + panel.scores.map(\.method), [panel.original] + panel.results)
            for (column, (name, image)) in images.enumerated() {
                let left = Self.gap + column * (cell + Self.gap)
                canvas.write(name, x: left, y: top + line, width: cell)
                canvas.place(image.cropped(to: region).repeatingPixels(Self.zoom), x: left, y: top + 2 * line)
            }
        }
        return canvas.image
    }

    private static func region(of crop: Crop, in image: RGBImage) -> PixelRegion {
        let (width, height) = (min(side, image.width), min(side, image.height))
        return PixelRegion(
            x: Int(crop.x * Double(image.width - width)), y: Int(crop.y * Double(image.height - height)), width: width,
            height: height)
    }
}
