/// One channel of an image, for PSNR and SSIM; 255 is full brightness.
public struct Plane: Sendable, Equatable {
    /// The width in pixels.
    public let width: Int
    /// The height in pixels.
    public let height: Int
    /// `[height, width]`.
    public let values: [Double]

    /// Makes a plane from values that match its size.
    public init(width: Int, height: Int, values: [Double]) {
        precondition(values.count == width * height, "values and size do not match")
        self.width = width
        self.height = height
        self.values = values
    }

    /// The luma of an image as BT.601 defines it, in studio range (16 to 235). MATLAB's `rgb2ycbcr`, which
    /// super-resolution papers use, computes the same luma.
    public static func luma(of image: RGBImage) -> Plane {
        let count = image.width * image.height
        return Plane(
            width: image.width, height: image.height,
            values: (0..<count).map { i -> Double in
                let red = Double(image.values[i])
                let green = Double(image.values[count + i])
                let blue = Double(image.values[2 * count + i])
                return 65.481 * red + 128.553 * green + 24.966 * blue + 16
            })
    }

    /// The red, green and blue planes of an image.
    public static func channels(of image: RGBImage) -> [Plane] {
        let count = image.width * image.height
        return (0..<3).map { channel in
            Plane(
                width: image.width, height: image.height,
                values: image.values[channel * count..<(channel + 1) * count].map { 255 * Double($0) })
        }
    }

    /// The plane without `border` pixels on each side; nil if nothing is left.
    public func withoutBorder(_ border: Int) -> Plane? {
        guard width > 2 * border, height > 2 * border else { return nil }
        let rows = (border..<height - border).flatMap { values[$0 * width + border..<($0 + 1) * width - border] }
        return Plane(width: width - 2 * border, height: height - 2 * border, values: rows)
    }
}
