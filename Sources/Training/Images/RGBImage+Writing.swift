import Glibc
import Imaging
import SystemPackage

extension RGBImage {
    /// Encodes the image as a PNG file with 8 bits per channel.
    ///
    /// - Parameter fileDescriptor: The descriptor to which the PNG file is written.
    public func writePNG(to fileDescriptor: Int32) throws(ImagingError) {
        let layout = PixelLayout(colours: 3, hasAlpha: false, bits: 8)
        let writer = try ImageWriter(
            format: .png, width: width, height: height, layout: layout, options: EncodeOptions(compression: 6))
        try writer.write(to: fileDescriptor, rows: ImageRows(self, layout: layout))
    }
}

/// Provides the rows of an image in memory to the encoder.
private final class ImageRows: OutputRowSource {
    private let image: RGBImage
    private let layout: PixelLayout

    init(_ image: RGBImage, layout: PixelLayout) {
        self.image = image
        self.layout = layout
    }

    func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool {
        image.values.withUnsafeBufferPointer { values in
            for channel in 0..<3 {
                PixelPacking.pack(
                    values.baseAddress! + (channel * image.height + rows.lowerBound) * image.width,
                    width: image.width, height: rows.count, into: destination, stride: stride, layout: layout,
                    channel: channel)
            }
        }
        return true
    }
}
