/// Converts planes of values from 0 to 1 to interleaved samples, clamped and rounded.
public enum PixelPacking {
    /// Writes one channel of a rectangle of pixels.
    ///
    /// - Parameters:
    ///   - plane: `[height, width]`; values below 0 or above 1 are clamped.
    ///   - width: the rectangle's width in pixels.
    ///   - height: its height in pixels.
    ///   - pixels: the destination of the rectangle's first pixel.
    ///   - stride: the distance in bytes between two rows.
    ///   - layout: the memory layout of the pixels.
    ///   - channel: the index of the channel to write.
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
            // A Float of 2^23 or more has no bits for a fraction, so adding 2^23 rounds the value, and the low bits of
            // the sum are the rounded integer. Int32(_:) would check the range of each value, which prevents
            // vectorisation.
            target[offset] = Sample(truncatingIfNeeded: (clamped * maximum + 8_388_608).bitPattern)
            offset &+= step
            index &+= 1
        }
    }
}
