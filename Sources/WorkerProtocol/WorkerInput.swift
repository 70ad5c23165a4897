import LinuxSupport

/// A worker's `input` event: the image as its header describes it.
public struct WorkerInput: Equatable, Sendable {
    /// The width in pixels, after the orientation in the metadata was applied.
    public var width: Int
    /// The height in pixels, after the orientation in the metadata was applied.
    public var height: Int
    /// The number of channels, including alpha.
    public var bands: Int
    /// The number of bits per channel.
    public var bits: Int
    /// The file's format: `jpeg`, `png`, `webp`, `tiff`, `gif`.
    public var format: String
    /// The number of tiles that the image is cut into.
    public var tiles: Int

    /// Creates the event.
    public init(width: Int, height: Int, bands: Int, bits: Int, format: String, tiles: Int) {
        self.width = width
        self.height = height
        self.bands = bands
        self.bits = bits
        self.format = format
        self.tiles = tiles
    }
}

extension WorkerInput: OrderedFields {
    enum CodingKeys: String, CodingKey { case width, height, bands, bits, format, tiles }

    /// Reads the event; never throws for a missing or wrong field.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            width: values.count(.width), height: values.count(.height), bands: values.count(.bands),
            bits: values.count(.bits), format: values.text(.format), tiles: values.count(.tiles))
    }

    var fields: KeyValuePairs<CodingKeys, JSONValue> {
        [
            .width: .integer(width), .height: .integer(height), .bands: .integer(bands), .bits: .integer(bits),
            .format: .string(format), .tiles: .integer(tiles),
        ]
    }
}
