import Imaging

/// The pixels that are in memory while an image streams through: a few rows of tiles, input and output.
///
/// `@unchecked Sendable`: `BandPipeline` says who may touch which slot when; nothing is allocated after the start.
final class BandBuffers: @unchecked Sendable {
    /// While one band is encoded, the next one is computed.
    static let slots = 2

    let plan: TilePlan
    let inputLayout: PixelLayout
    let outputLayout: PixelLayout
    let scale: Int
    /// How many rows above and below the kept ones a band holds: the overlap, and what the alpha bleed looks at.
    let margin: Int

    private let inputs: [UnsafeMutableRawPointer]
    private let outputs: [UnsafeMutableRawPointer]

    init(plan: TilePlan, inputLayout: PixelLayout, outputLayout: PixelLayout, scale: Int) {
        self.plan = plan
        self.inputLayout = inputLayout
        self.outputLayout = outputLayout
        self.scale = scale
        margin = plan.overlap + (inputLayout.hasAlpha ? AlphaBleed.radius : 0)
        let inputRows = min(plan.imageHeight, plan.maximumKeptHeight + 2 * margin)
        let inputBytes = inputRows * plan.imageWidth * inputLayout.bytesPerPixel
        let outputBytes = plan.maximumKeptHeight * scale * plan.imageWidth * scale * outputLayout.bytesPerPixel
        let count = min(Self.slots, plan.bands)
        inputs = (0..<count).map { _ in .allocate(byteCount: inputBytes, alignment: 64) }
        outputs = (0..<count).map { _ in .allocate(byteCount: outputBytes, alignment: 64) }
    }

    deinit {
        for buffer in inputs + outputs { buffer.deallocate() }
    }

    var inputRowBytes: Int { plan.imageWidth * inputLayout.bytesPerPixel }
    var outputRowBytes: Int { plan.imageWidth * scale * outputLayout.bytesPerPixel }

    func input(ofBand band: Int) -> UnsafeMutableRawPointer { inputs[band % Self.slots] }
    func output(ofBand band: Int) -> UnsafeMutableRawPointer { outputs[band % Self.slots] }

    /// The rows of the image in a band's input.
    func inputRows(ofBand band: Int) -> Range<Int> { plan.inputRows(ofBand: band, overlap: margin) }

    /// The rows of the result in a band's output.
    func outputRows(ofBand band: Int) -> Range<Int> {
        let kept = plan.keptRows(ofBand: band)
        return (kept.lowerBound * scale)..<(kept.upperBound * scale)
    }

    /// Which band a row of the result lies in.
    func band(ofOutputRow row: Int) -> Int {
        var band = min(plan.bands - 1, row / scale * plan.bands / plan.imageHeight)
        while outputRows(ofBand: band).upperBound <= row { band += 1 }
        while outputRows(ofBand: band).lowerBound > row { band -= 1 }
        return band
    }
}
