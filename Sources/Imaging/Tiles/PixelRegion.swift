/// A rectangle of whole pixels: the columns `x ..< x + width` and the rows `y ..< y + height` of an image.
public struct PixelRegion: Sendable, Hashable {
    /// The leftmost column.
    public var x: Int
    /// The topmost row.
    public var y: Int
    /// The number of columns, at least 0.
    public var width: Int
    /// The number of rows, at least 0.
    public var height: Int

    /// Makes a region from its upper left corner and its size.
    public init(x: Int, y: Int, width: Int, height: Int) {
        precondition(width >= 0 && height >= 0, "a region's sides must not be negative")
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The column after the last one.
    public var endX: Int { x + width }

    /// The row after the last one.
    public var endY: Int { y + height }

    /// The number of pixels in the region.
    public var pixelCount: Int { width * height }

    /// Whether the other region lies completely inside this one.
    public func contains(_ other: PixelRegion) -> Bool {
        other.x >= x && other.y >= y && other.endX <= endX && other.endY <= endY
    }

    /// The same pixels in coordinates of another region.
    public func relative(to origin: PixelRegion) -> PixelRegion {
        PixelRegion(x: x - origin.x, y: y - origin.y, width: width, height: height)
    }

    /// The corresponding region of an image that is `scale` times as large.
    public func scaled(by scale: Int) -> PixelRegion {
        PixelRegion(x: x * scale, y: y * scale, width: width * scale, height: height * scale)
    }

    /// The region grown by a margin on each side and clipped to an image of the given size, or to that image and
    /// `beyond` more pixels on each side.
    public func grown(by margin: Int, imageWidth: Int, imageHeight: Int, beyond: Int = 0) -> PixelRegion {
        let left = max(-beyond, x - margin)
        let top = max(-beyond, y - margin)
        let right = min(imageWidth + beyond, endX + margin)
        let bottom = min(imageHeight + beyond, endY + margin)
        return PixelRegion(x: left, y: top, width: max(0, right - left), height: max(0, bottom - top))
    }
}
