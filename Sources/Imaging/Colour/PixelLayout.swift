/// The memory layout of an image's pixels: interleaved channels of 8 or 16 bits, alpha last.
public struct PixelLayout: Sendable, Hashable {
    /// The number of colour channels: 1 for grey, 3 for red, green, blue.
    public var colours: Int
    /// Whether an alpha channel follows. The colours are not premultiplied by it.
    public var hasAlpha: Bool
    /// Bits per sample, 8 or 16. 16-bit samples are in the machine's byte order.
    public var bits: Int

    /// Makes a layout.
    public init(colours: Int, hasAlpha: Bool, bits: Int) {
        precondition((colours == 1 || colours == 3) && (bits == 8 || bits == 16), "there is no such pixel layout")
        self.colours = colours
        self.hasAlpha = hasAlpha
        self.bits = bits
    }

    /// Channels per pixel.
    public var channels: Int { colours + (hasAlpha ? 1 : 0) }

    /// Bytes per pixel.
    public var bytesPerPixel: Int { channels * bits / 8 }

    /// The sample value of full brightness.
    public var maximum: Int { bits == 8 ? 255 : 65_535 }

    /// This layout reduced to what a format can hold.
    public func representable(in format: ImageFormat) -> PixelLayout {
        PixelLayout(
            colours: colours, hasAlpha: hasAlpha && format.supportsAlpha, bits: min(bits, format.maximumBits))
    }
}
