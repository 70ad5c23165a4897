import CKernels

/// A rectangle of pixels in an image.
public struct KernelRegion: Sendable, Hashable {
    /// The columns.
    public var x: Range<Int>
    /// The rows.
    public var y: Range<Int>

    /// Makes a region from a column range and a row range.
    public init(x: Range<Int>, y: Range<Int>) {
        self.x = x
        self.y = y
    }

    /// The region extended by `margin` on each side and clipped to the image.
    public func grown(by margin: Int, within image: KernelRegion) -> KernelRegion {
        KernelRegion(
            x: max(x.lowerBound - margin, image.x.lowerBound)..<min(x.upperBound + margin, image.x.upperBound),
            y: max(y.lowerBound - margin, image.y.lowerBound)..<min(y.upperBound + margin, image.y.upperBound))
    }

    /// The same part of the image at twice the resolution.
    public var doubled: KernelRegion {
        KernelRegion(x: 2 * x.lowerBound..<2 * x.upperBound, y: 2 * y.lowerBound..<2 * y.upperBound)
    }

    /// The smallest region at half the resolution that covers this region.
    public var halved: KernelRegion {
        KernelRegion(x: x.lowerBound / 2..<(x.upperBound + 1) / 2, y: y.lowerBound / 2..<(y.upperBound + 1) / 2)
    }

    var region: ck_region {
        ck_region(x0: x.lowerBound, y0: y.lowerBound, x1: x.upperBound, y1: y.upperBound)
    }
}
