import Imaging

/// Passes finished bands to the encoder.
///
/// `@unchecked Sendable`: libvips calls `copyRows` from one thread at a time, because its concurrency is set to 1, and
/// `waited` is read after the encoder has ended.
final class EncoderFeed: OutputRowSource, @unchecked Sendable {
    private let buffers: BandBuffers
    private let pipeline: BandPipeline
    /// The time that the encoder has spent waiting for tiles.
    private(set) var waited = Duration.zero

    init(buffers: BandBuffers, pipeline: BandPipeline) {
        self.buffers = buffers
        self.pipeline = pipeline
    }

    func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let band = buffers.band(ofOutputRow: row)
            let began = ContinuousClock.now
            guard pipeline.waitForOutput(ofBand: band) else { return false }
            waited += ContinuousClock.now - began
            let held = buffers.outputRows(ofBand: band)
            let end = min(rows.upperBound, held.upperBound)
            for line in row..<end {
                (destination + (line - rows.lowerBound) * stride).copyMemory(
                    from: buffers.output(ofBand: band) + (line - held.lowerBound) * buffers.outputRowBytes,
                    byteCount: buffers.outputRowBytes)
            }
            if end == held.upperBound { pipeline.didEncode(band: band) }
            row = end
        }
        return true
    }
}
