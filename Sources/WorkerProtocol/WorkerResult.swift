import LinuxSupport

/// A worker's `result` event: the size and format of its output, and the time and memory that it used.
public struct WorkerResult: Equatable, Sendable {
    /// The input's width in pixels, after the orientation in the metadata was applied.
    public var inputWidth = 0
    /// The input's height in pixels, after the orientation in the metadata was applied.
    public var inputHeight = 0
    /// The output's width in pixels.
    public var outputWidth = 0
    /// The output's height in pixels.
    public var outputHeight = 0
    /// The output's format: `jpeg`, `png`, `webp`, `tiff`; nil if the event has no such field.
    public var format: String?
    /// The number of tiles that went through the network.
    public var tiles = 0
    /// Seconds of decoding, as far as the worker can separate it from upscaling.
    public var decodeSeconds = 0.0
    /// Seconds of computing the network.
    public var upscaleSeconds = 0.0
    /// Seconds of encoding.
    public var encodeSeconds = 0.0
    /// CPU seconds of all threads together.
    public var cpuSeconds = 0.0
    /// The peak resident memory in bytes.
    public var peakMemoryBytes = 0
    /// Changes to the image beyond upscaling, one sentence each.
    public var notes: [String] = []

    /// Creates a result that is all zero.
    public init() {}
}

extension WorkerResult: OrderedFields {
    enum CodingKeys: String, CodingKey {
        case inputWidth = "input_width"
        case inputHeight = "input_height"
        case outputWidth = "output_width"
        case outputHeight = "output_height"
        case format, tiles
        case decodeSeconds = "decode_seconds"
        case upscaleSeconds = "upscale_seconds"
        case encodeSeconds = "encode_seconds"
        case cpuSeconds = "cpu_seconds"
        case peakMemoryBytes = "peak_memory_bytes"
        case notes
    }

    /// Reads the event; never throws for a missing or wrong field.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        inputWidth = values.side(.inputWidth)
        inputHeight = values.side(.inputHeight)
        outputWidth = values.side(.outputWidth)
        outputHeight = values.side(.outputHeight)
        format = values.optionalText(.format)
        tiles = values.count(.tiles)
        decodeSeconds = values.seconds(.decodeSeconds)
        upscaleSeconds = values.seconds(.upscaleSeconds)
        encodeSeconds = values.seconds(.encodeSeconds)
        cpuSeconds = values.seconds(.cpuSeconds)
        peakMemoryBytes = values.count(.peakMemoryBytes)
        notes = values.texts(.notes)
    }

    var fields: KeyValuePairs<CodingKeys, JSONValue> {
        [
            .inputWidth: .integer(inputWidth), .inputHeight: .integer(inputHeight),
            .outputWidth: .integer(outputWidth), .outputHeight: .integer(outputHeight), .format: JSONValue(format),
            .tiles: .integer(tiles), .decodeSeconds: .number(decodeSeconds), .upscaleSeconds: .number(upscaleSeconds),
            .encodeSeconds: .number(encodeSeconds), .cpuSeconds: .number(cpuSeconds),
            .peakMemoryBytes: .integer(peakMemoryBytes), .notes: .array(notes.map(JSONValue.string)),
        ]
    }
}
