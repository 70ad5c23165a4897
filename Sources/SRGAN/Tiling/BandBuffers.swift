import Imaging

/// The pixel buffers of the band pipeline. A band is one row of tiles; a slot is the memory for the input and output
/// pixels of one band.
///
/// `@unchecked Sendable`: `BandPipeline` decides which thread may use which slot; nothing is allocated after `init`.
final class BandBuffers: @unchecked Sendable {
    /// The number of slots: at least two, so that one band is computed while another is encoded, and as many as all
    /// threads need for two tiles each, if the bands are small.
    let slots: Int

    let plan: TilePlan
    let inputLayout: PixelLayout
    let outputLayout: PixelLayout
    let scale: Int
    /// The number of additional image rows above and below a band in the band's input: the overlap plus, for images
    /// with alpha, the radius of the alpha bleed, which fills transparent pixels with neighbouring colours.
    let margin: Int

    private let inputs: [UnsafeMutableRawPointer]
    private let outputs: [UnsafeMutableRawPointer]

    init(plan: TilePlan, inputLayout: PixelLayout, outputLayout: PixelLayout, scale: Int, threads: Int) {
        self.plan = plan
        self.inputLayout = inputLayout
        self.outputLayout = outputLayout
        self.scale = scale
        margin = plan.overlap + (inputLayout.hasAlpha ? AlphaBleed.radius : 0)
        let inputRows = min(plan.imageHeight, plan.maximumKeptHeight + 2 * margin)
        let inputBytes = inputRows * plan.imageWidth * inputLayout.bytesPerPixel
        let outputBytes = plan.maximumKeptHeight * scale * plan.imageWidth * scale * outputLayout.bytesPerPixel
        let wanted = (2 * threads + plan.columns - 1) / plan.columns
        let most = 2 * TileSettings.maximumBandBytes / max(1, outputBytes)
        slots = max(2, min(wanted, most))
        let count = min(slots, plan.bands)
        inputs = (0..<count).map { _ in .allocate(byteCount: inputBytes, alignment: 64) }
        outputs = (0..<count).map { _ in .allocate(byteCount: outputBytes, alignment: 64) }
    }

    deinit {
        for buffer in inputs + outputs { buffer.deallocate() }
    }

    var inputRowBytes: Int { plan.imageWidth * inputLayout.bytesPerPixel }
    var outputRowBytes: Int { plan.imageWidth * scale * outputLayout.bytesPerPixel }

    func input(ofBand band: Int) -> UnsafeMutableRawPointer { inputs[band % slots] }
    func output(ofBand band: Int) -> UnsafeMutableRawPointer { outputs[band % slots] }

    /// The image rows that a band's input contains.
    func inputRows(ofBand band: Int) -> Range<Int> { plan.inputRows(ofBand: band, overlap: margin) }

    /// The rows of the upscaled image that a band's output contains.
    func outputRows(ofBand band: Int) -> Range<Int> {
        let kept = plan.keptRows(ofBand: band)
        return (kept.lowerBound * scale)..<(kept.upperBound * scale)
    }

    /// The band that contains an output row.
    func band(ofOutputRow row: Int) -> Int {
        var band = min(plan.bands - 1, row / scale * plan.bands / plan.imageHeight)
        while outputRows(ofBand: band).upperBound <= row { band += 1 }
        while outputRows(ofBand: band).lowerBound > row { band -= 1 }
        return band
    }
}
