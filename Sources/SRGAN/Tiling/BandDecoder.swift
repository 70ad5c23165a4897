import Imaging

/// Decodes the image into the bands' input buffers, from top to bottom, on a separate thread.
///
/// `@unchecked Sendable`: `run` is called once, and `seconds` is read after the decoder's thread has ended.
final class BandDecoder: @unchecked Sendable {
    private let reader: ImageReader
    private let buffers: BandBuffers
    private let pipeline: BandPipeline
    /// The time spent decoding, in seconds, without the time spent waiting for a free slot.
    private(set) var seconds = 0.0

    init(reader: ImageReader, buffers: BandBuffers, pipeline: BandPipeline) {
        self.reader = reader
        self.buffers = buffers
        self.pipeline = pipeline
    }

    func run() {
        decode()
        ImageReader.endThread()
    }

    private func decode() {
        do {
            var began = ContinuousClock.now
            let rows = try reader.start()
            seconds += (ContinuousClock.now - began).seconds
            for band in 0..<buffers.plan.bands {
                guard pipeline.waitForInputSlot(ofBand: band) else { return }
                began = .now
                try fill(band, from: rows)
                seconds += (ContinuousClock.now - began).seconds
                pipeline.didDecode(band: band)
            }
        } catch {
            pipeline.fail(error)
        }
    }

    /// Fills a band's input. Rows that the previous band also contains are copied from that band's slot, so no row is
    /// decoded twice.
    private func fill(_ band: Int, from rows: RowReader) throws {
        let needed = buffers.inputRows(ofBand: band)
        let target = buffers.input(ofBand: band)
        let rowBytes = buffers.inputRowBytes
        var next = needed.lowerBound
        if band > 0 {
            let held = buffers.inputRows(ofBand: band - 1)
            target.copyMemory(
                from: buffers.input(ofBand: band - 1) + (needed.lowerBound - held.lowerBound) * rowBytes,
                byteCount: (held.upperBound - needed.lowerBound) * rowBytes)
            next = held.upperBound
        }
        guard next < needed.upperBound else { return }
        try rows.read(rows: next..<needed.upperBound, into: target + (next - needed.lowerBound) * rowBytes)
    }
}
