import Imaging
import NeuralNetwork

extension PatchDataset {
    /// Takes a random pair of patches and writes it to two batches, to the image at index `sample` of each. The values
    /// are in [-1, 1].
    ///
    /// - Throws: if libvips has no memory for a degradation.
    public func takePair(
        into low: Batch, _ high: Batch, at sample: Int, random: inout SeededGenerator
    ) throws(ImagingError) {
        precondition(low.width == side && low.height == side && low.channels == 3, "the batch does not fit")
        precondition(high.width == Self.scale * side && high.height == high.width && high.channels == 3)
        // The choice between photographs and ready pairs draws a number only if there are both, because a run without
        // `[pairs]` must see the same patches as before.
        let isReady = readyShare > 0 && (readyShare == 1 || random.uniform() < readyShare)
        let pairs = isReady ? readyPairs : photographs
        let pair = pairs[Int.random(in: 0..<pairs.count, using: &random)]
        let x = Int.random(in: 0...pair.width - side, using: &random)
        let y = Int.random(in: 0...pair.height - side, using: &random)
        let turn = Symmetry(bits: augments ? Int.random(in: 0..<16, using: &random) & 7 : 0)
        let target = low.start + sample * low.imageCount
        if !isReady, let recipe = degradation?.draw(random: &random), !recipe.isClean, let degradation {
            let window = Self.window(around: x, y, side: side, in: pair, random: &random)
            let degraded = try degradation.apply(recipe, to: Self.photograph(pair, in: window), random: &random)
            Self.copy(
                degraded, width: window.width, x: x - window.x, y: y - window.y, side: side, turn: turn, to: target)
        } else {
            Self.copy(pair.low, width: pair.width, x: x, y: y, side: side, turn: turn, to: target)
        }
        Self.copy(
            pair.high, width: Self.scale * pair.width, x: Self.scale * x, y: Self.scale * y, side: Self.scale * side,
            turn: turn, to: high.start + sample * high.imageCount)
    }

    /// Returns the region of a patch and its surroundings in the low-resolution image.
    ///
    /// The extent of the surroundings to the left and to the top is random, so that JPEG blocks can begin anywhere in
    /// the patch. The random part has 16 values, because a block is 16 pixels wide if colours are stored at half the
    /// resolution.
    private static func window(
        around x: Int, _ y: Int, side: Int, in pair: Pair, random: inout SeededGenerator
    ) -> PixelRegion {
        func span(_ start: Int, _ length: Int) -> Range<Int> {
            let before = Degradation.margin + Int.random(in: 0..<16, using: &random)
            return max(0, start - before)..<min(length, start + side + Degradation.margin)
        }
        let (columns, rows) = (span(x, pair.width), span(y, pair.height))
        return PixelRegion(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
    }

    /// Returns the part of the photograph that corresponds to a region of the low-resolution image.
    private static func photograph(_ pair: Pair, in window: PixelRegion) -> RGBImage {
        let region = window.scaled(by: scale)
        var values = [Float](repeating: 0, count: 3 * region.pixelCount)
        for y in 0..<region.height {
            let source = ((region.y + y) * scale * pair.width + region.x) * 3
            for x in 0..<region.width {
                for channel in 0..<3 {
                    values[(channel * region.height + y) * region.width + x] =
                        Float(pair.high[source + 3 * x + channel]) / 255
                }
            }
        }
        return RGBImage(width: region.width, height: region.height, values: values)
    }

    /// Copies a square of an image, flipped and rotated by `turn`, to a batch.
    private static func copy(
        _ bytes: [UInt8], width: Int, x: Int, y: Int, side: Int, turn: Symmetry, to target: UnsafeMutablePointer<Float>
    ) {
        bytes.withUnsafeBufferPointer { bytes in
            var target = target
            for row in 0..<side {
                for column in 0..<side {
                    let origin = turn.origin(ofRow: row, column: column, width: side, height: side)
                    let source = ((y + origin.row) * width + x + origin.column) * 3
                    for channel in 0..<3 { target[channel] = Float(bytes[source + channel]) / 127.5 - 1 }
                    target += 3
                }
            }
        }
    }
}
