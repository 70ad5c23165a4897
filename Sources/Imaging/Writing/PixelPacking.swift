/// Puts planes of numbers from 0 to 1 together to interleaved samples, clamped and rounded.
public enum PixelPacking {
    /// Writes one channel of a rectangle of pixels.
    ///
    /// - Parameters:
    ///   - plane: `[height, width]`; what is below 0 or above 1 is clamped.
    ///   - width: the rectangle's width in pixels.
    ///   - height: its height.
    ///   - pixels: where its first pixel goes.
    ///   - stride: the distance in bytes from one row to the next.
    ///   - layout: how the pixels lie.
    ///   - channel: which channel of them is written.
    public static func pack(
        _ plane: UnsafePointer<Float>, width: Int, height: Int, into pixels: UnsafeMutableRawPointer, stride: Int,
        layout: PixelLayout, channel: Int
    ) {
        for row in 0..<height {
            let source = plane + row * width
            if layout.bits == 8 {
                let target = (pixels + row * stride).assumingMemoryBound(to: UInt8.self) + channel
                copy(source, maximum: 255, to: target, step: layout.channels, count: width)
            } else {
                let target = (pixels + row * stride).assumingMemoryBound(to: UInt16.self) + channel
                copy(source, maximum: 65_535, to: target, step: layout.channels, count: width)
            }
        }
    }

    @inline(__always)
    private static func copy<Sample: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafePointer<Float>, maximum: Float, to target: UnsafeMutablePointer<Sample>, step: Int, count: Int
    ) {
        var offset = 0
        var index = 0
        while index < count {
            let value = source[index]
            let clamped = value > 0 ? (value < 1 ? value : 1) : 0
            // 2^23 leaves no bits for fractions: the sum is rounded, and its low bits are the number. Converting with
            // Int32(_:) would check each value, which keeps the compiler from vectorising.
            target[offset] = Sample(truncatingIfNeeded: (clamped * maximum + 8_388_608).bitPattern)
            offset &+= step
            index &+= 1
        }
    }
}
