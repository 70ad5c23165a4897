import Imaging

/// Measures what the overlap of tiles changes: one tile of an image is upscaled with several overlaps.
public struct OverlapMeasurement: Sendable {
    /// The overlaps that are measured, in input pixels.
    public static let overlaps = [8, 12, 16, 20, 24, 32, 40, 48, 64]
    /// The overlap that the others are compared with.
    public static let widest = 96
    /// The side of the tile's kept region.
    private static let side = 48
    /// Half of an 8-bit step: a smaller change is rarely visible in an 8-bit value and never moves it by more than one.
    private static let limit = 0.5

    /// For each of `overlaps`, the largest difference to `widest` in any image, in units of 1/255.
    public private(set) var differences = [Double](repeating: 0, count: overlaps.count)

    /// Makes a measurement of no image.
    public init() {}

    /// The side that an image must have at least.
    public static var smallestImage: Int { side + 2 * widest }

    /// The smallest overlap that changes less than half of an 8-bit step; nil if none of them does.
    public var suggestion: Int? {
        zip(Self.overlaps, differences).first { $0.1 < Self.limit }?.0
    }

    /// Measures the tile in the middle of an image.
    ///
    /// - Parameter image: `[3, height, width]`, values in [0, 1]; both sides at least `smallestImage`.
    public mutating func add(_ image: [Float], width: Int, height: Int, with generator: LoadedGenerator) throws {
        let kept = PixelRegion(
            x: (width - Self.side) / 2, y: (height - Self.side) / 2, width: Self.side, height: Self.side)
        let expected = try upscale(image, width: width, height: height, kept: kept, overlap: Self.widest, generator)
        for (index, overlap) in Self.overlaps.enumerated() {
            let output = try upscale(image, width: width, height: height, kept: kept, overlap: overlap, generator)
            // Values outside [0, 1] are cut off when they are written.
            let largest = zip(output, expected).reduce(Float(0)) {
                max($0, abs(min(max($1.0, 0), 1) - min(max($1.1, 0), 1)))
            }
            differences[index] = max(differences[index], Double(largest) * 255)
        }
    }

    private func upscale(
        _ image: [Float], width: Int, height: Int, kept: PixelRegion, overlap: Int, _ generator: LoadedGenerator
    ) throws -> [Float] {
        let region = kept.grown(by: overlap, imageWidth: width, imageHeight: height)
        var tile: [Float] = []
        tile.reserveCapacity(3 * region.pixelCount)
        for row in 0..<3 * region.height {
            let start = (row / region.height * height + region.y + row % region.height) * width + region.x
            tile += image[start..<start + region.width]
        }
        let workspace = generator.makeWorkspace(maximumWidth: region.width, maximumHeight: region.height)
        var output = [Float](repeating: 0, count: 3 * generator.scale * generator.scale * kept.pixelCount)
        try tile.withUnsafeBufferPointer { tile in
            try output.withUnsafeMutableBufferPointer { output in
                try generator.upscale(
                    tile, width: region.width, height: region.height, keeping: kept.relative(to: region), into: output,
                    workspace: workspace)
            }
        }
        return output
    }
}
