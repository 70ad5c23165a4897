/// Converts interleaved samples to planes of values from 0 to 1.
public enum PixelUnpacking {
    /// Copies a region of interleaved rows to planes, one per channel.
    ///
    /// - Parameters:
    ///   - pixels: the first pixel of row `firstRow` of an image; the rows follow without gaps.
    ///   - imageWidth: the image's width in pixels.
    ///   - firstRow: the index of the image row at `pixels`.
    ///   - layout: the memory layout of the pixels.
    ///   - region: the region to copy, in image coordinates.
    ///   - planes: receives `[channels, region.height, region.width]`, values in [0, 1].
    public static func unpack(
        _ pixels: UnsafeRawPointer, imageWidth: Int, firstRow: Int, layout: PixelLayout, region: PixelRegion,
        into planes: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(planes.count >= layout.channels * region.pixelCount, "the planes are too small")
        let rowBytes = imageWidth * layout.bytesPerPixel
        var source = pixels + (region.y - firstRow) * rowBytes + region.x * layout.bytesPerPixel
        for row in 0..<region.height {
            for channel in 0..<layout.channels {
                let target = planes.baseAddress! + (channel * region.height + row) * region.width
                if layout.bits == 8 {
                    let samples = source.assumingMemoryBound(to: UInt8.self) + channel
                    copy(samples, step: layout.channels, factor: 1 / 255, to: target, count: region.width)
                } else {
                    let samples = source.assumingMemoryBound(to: UInt16.self) + channel
                    copy(samples, step: layout.channels, factor: 1 / 65_535, to: target, count: region.width)
                }
            }
            source += rowBytes
        }
    }

    @inline(__always)
    private static func copy<Sample: FixedWidthInteger & UnsignedInteger>(
        _ samples: UnsafePointer<Sample>, step: Int, factor: Float, to target: UnsafeMutablePointer<Float>, count: Int
    ) {
        var offset = 0
        var index = 0
        while index < count {
            target[index] = Float(Int32(truncatingIfNeeded: samples[offset])) * factor
            offset &+= step
            index &+= 1
        }
    }
}
