/// What an upscaling took.
public struct UpscaleStatistics: Sendable, Equatable {
    /// How many tiles were computed.
    public var tiles = 0
    /// Time spent reading the input's pixels.
    public var decodeSeconds = 0.0
    /// Time from the first tile's begin to the last one's end.
    public var upscaleSeconds = 0.0
    /// Time spent in the encoder, without waiting for tiles.
    public var encodeSeconds = 0.0
}
