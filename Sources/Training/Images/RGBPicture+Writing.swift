import Glibc
import Imaging
import SystemPackage

extension RGBPicture {
    /// Encodes the picture as a PNG file of 8 bits a channel.
    ///
    /// - Parameter fileDescriptor: Where the file goes.
    public func writePNG(to fileDescriptor: Int32) throws(ImagingError) {
        let layout = PixelLayout(colours: 3, hasAlpha: false, bits: 8)
        let writer = try ImageWriter(
            format: .png, width: width, height: height, layout: layout, options: EncodeOptions(compression: 6))
        try writer.write(to: fileDescriptor, rows: PictureRows(self, layout: layout))
    }
}

/// Hands the rows of a picture in memory to the encoder.
private final class PictureRows: OutputRowSource {
    private let picture: RGBPicture
    private let layout: PixelLayout

    init(_ picture: RGBPicture, layout: PixelLayout) {
        self.picture = picture
        self.layout = layout
    }

    func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool {
        picture.values.withUnsafeBufferPointer { values in
            for channel in 0..<3 {
                PixelPacking.pack(
                    values.baseAddress! + (channel * picture.height + rows.lowerBound) * picture.width,
                    width: picture.width, height: rows.count, into: destination, stride: stride, layout: layout,
                    channel: channel)
            }
        }
        return true
    }
}
