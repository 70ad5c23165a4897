import CKernels

/// A half-open rectangle of a picture.
public struct KernelRegion: Sendable, Hashable {
    /// The columns.
    public var x: Range<Int>
    /// The rows.
    public var y: Range<Int>

    /// Makes a region of columns and rows.
    public init(x: Range<Int>, y: Range<Int>) {
        self.x = x
        self.y = y
    }

    /// The region and what is within `margin` of it, as far as the picture goes.
    public func grown(by margin: Int, within picture: KernelRegion) -> KernelRegion {
        KernelRegion(
            x: max(x.lowerBound - margin, picture.x.lowerBound)..<min(x.upperBound + margin, picture.x.upperBound),
            y: max(y.lowerBound - margin, picture.y.lowerBound)..<min(y.upperBound + margin, picture.y.upperBound))
    }

    /// The same part of the picture at twice the resolution.
    public var doubled: KernelRegion {
        KernelRegion(x: 2 * x.lowerBound..<2 * x.upperBound, y: 2 * y.lowerBound..<2 * y.upperBound)
    }

    /// The smallest region at half the resolution that covers this one.
    public var halved: KernelRegion {
        KernelRegion(x: x.lowerBound / 2..<(x.upperBound + 1) / 2, y: y.lowerBound / 2..<(y.upperBound + 1) / 2)
    }

    var region: ck_region {
        ck_region(x0: x.lowerBound, y0: y.lowerBound, x1: x.upperBound, y1: y.upperBound)
    }
}
