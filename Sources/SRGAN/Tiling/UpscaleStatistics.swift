/// Measurements of one upscaling.
public struct UpscaleStatistics: Sendable, Equatable {
    /// The number of tiles computed.
    public var tiles = 0
    /// The time spent reading the input's pixels.
    public var decodeSeconds = 0.0
    /// The time from the start of the first tile to the end of the last one.
    public var upscaleSeconds = 0.0
    /// The time spent in the encoder, without waiting for tiles.
    public var encodeSeconds = 0.0
}
