/// How the pixels of an image lie in memory: interleaved channels of 8 or 16 bits, the alpha last.
public struct PixelLayout: Sendable, Hashable {
    /// 1 for grey, 3 for red, green, blue.
    public var colours: Int
    /// Whether a channel of opacity follows; the colours are not multiplied by it.
    public var hasAlpha: Bool
    /// 8 or 16; 16-bit values are in the machine's byte order.
    public var bits: Int

    /// Makes a layout.
    public init(colours: Int, hasAlpha: Bool, bits: Int) {
        precondition((colours == 1 || colours == 3) && (bits == 8 || bits == 16), "no such layout")
        self.colours = colours
        self.hasAlpha = hasAlpha
        self.bits = bits
    }

    /// Channels a pixel.
    public var channels: Int { colours + (hasAlpha ? 1 : 0) }

    /// Bytes a pixel.
    public var bytesPerPixel: Int { channels * bits / 8 }

    /// The value of full brightness.
    public var maximum: Int { bits == 8 ? 255 : 65_535 }

    /// The layout of a result in a format: what of this one the format can hold.
    public func representable(in format: ImageFormat) -> PixelLayout {
        PixelLayout(
            colours: colours, hasAlpha: hasAlpha && format.supportsAlpha, bits: min(bits, format.maximumBits))
    }
}
