/// A rectangle of whole pixels: the columns `x ..< x + width` and the rows `y ..< y + height` of an image.
public struct PixelRegion: Sendable, Hashable {
    /// The leftmost column.
    public var x: Int
    /// The topmost row.
    public var y: Int
    /// How many columns, at least 0.
    public var width: Int
    /// How many rows, at least 0.
    public var height: Int

    /// Makes the region from its left upper corner and its size.
    public init(x: Int, y: Int, width: Int, height: Int) {
        precondition(width >= 0 && height >= 0, "a region has no negative side")
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The column after the last one.
    public var endX: Int { x + width }

    /// The row after the last one.
    public var endY: Int { y + height }

    /// How many pixels the region holds.
    public var pixelCount: Int { width * height }

    /// Whether each pixel of the other region lies in this one.
    public func contains(_ other: PixelRegion) -> Bool {
        other.x >= x && other.y >= y && other.endX <= endX && other.endY <= endY
    }

    /// The same pixels, counted from another region's left upper corner.
    public func relative(to origin: PixelRegion) -> PixelRegion {
        PixelRegion(x: x - origin.x, y: y - origin.y, width: width, height: height)
    }

    /// The region on an image that is `scale` times as large.
    public func scaled(by scale: Int) -> PixelRegion {
        PixelRegion(x: x * scale, y: y * scale, width: width * scale, height: height * scale)
    }

    /// The region grown by a margin on each side, cut at the edges of an image of the size given.
    public func grown(by margin: Int, imageWidth: Int, imageHeight: Int) -> PixelRegion {
        let left = max(0, x - margin)
        let top = max(0, y - margin)
        let right = min(imageWidth, endX + margin)
        let bottom = min(imageHeight, endY + margin)
        return PixelRegion(x: left, y: top, width: max(0, right - left), height: max(0, bottom - top))
    }
}
