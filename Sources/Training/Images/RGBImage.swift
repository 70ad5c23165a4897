import Glibc
import Imaging
import SystemPackage

/// An image in memory: three planes of sRGB values, 0 for black and 1 for full brightness.
public struct RGBImage: Sendable, Equatable {
    /// The width in pixels.
    public let width: Int
    /// The height in pixels.
    public let height: Int
    /// `[3, height, width]`.
    public var values: [Float]

    /// Makes an image from planes that match its size.
    public init(width: Int, height: Int, values: [Float]) {
        precondition(width > 0 && height > 0 && values.count == 3 * width * height, "values and size do not match")
        self.width = width
        self.height = height
        self.values = values
    }

    /// Makes an image from interleaved red, green and blue bytes.
    init(bytes: [UInt8], width: Int, height: Int) {
        let area = width * height
        self.init(
            width: width, height: height,
            values: (0..<3 * area).map { Float(bytes[3 * ($0 % area) + $0 / area]) / 255 })
    }

    /// Decodes a file. Grey images get three equal planes; transparency is flattened onto white.
    ///
    /// - Throws: `unusableImage`, naming the file.
    public init(contentsOf path: FilePath) throws(TrainingError) {
        let descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            throw TrainingError(.unusableImage, "\(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        do {
            let options = DecodeOptions(allowedFormats: [.jpeg, .png, .webp, .tiff], flattensAlpha: true)
            let reader = try ImageReader(fileDescriptor: descriptor, options: options)
            let (width, height, layout) = (reader.width, reader.height, reader.layout)
            let pixels = UnsafeMutableRawBufferPointer.allocate(
                byteCount: width * height * layout.bytesPerPixel, alignment: 16)
            defer { pixels.deallocate() }
            try reader.start().read(rows: 0..<height, into: pixels.baseAddress!)
            var planes = [Float](repeating: 0, count: layout.channels * width * height)
            planes.withUnsafeMutableBufferPointer {
                PixelUnpacking.unpack(
                    UnsafeRawPointer(pixels.baseAddress!), imageWidth: width, firstRow: 0, layout: layout,
                    region: PixelRegion(x: 0, y: 0, width: width, height: height), into: $0)
            }
            self.init(width: width, height: height, values: layout.colours == 3 ? planes : planes + planes + planes)
        } catch {
            throw TrainingError(.unusableImage, "\(path) cannot be read: \(error)", cause: error)
        }
    }

    /// The pixels of a region.
    public func cropped(to region: PixelRegion) -> RGBImage {
        precondition(
            PixelRegion(x: 0, y: 0, width: width, height: height).contains(region), "the region is outside the image")
        var result: [Float] = []
        result.reserveCapacity(3 * region.pixelCount)
        for plane in 0..<3 {
            for row in region.y..<region.endY {
                let start = (plane * height + row) * width + region.x
                result += values[start..<start + region.width]
            }
        }
        return RGBImage(width: region.width, height: region.height, values: result)
    }

    /// The image cropped on the right and at the bottom until its sides are multiples of `factor`, as is usual for test
    /// sets.
    public func cropped(toMultipleOf factor: Int) -> RGBImage {
        let region = PixelRegion(x: 0, y: 0, width: width / factor * factor, height: height / factor * factor)
        return region.width == width && region.height == height ? self : cropped(to: region)
    }

    /// The image as an 8-bit file would store it: clamped, and rounded to 255ths.
    public func roundedTo8Bits() -> RGBImage {
        RGBImage(
            width: width, height: height,
            values: values.map { (max(0, min(1, $0)) * 255).rounded(.toNearestOrEven) / 255 })
    }
}
