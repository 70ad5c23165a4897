import Imaging
import NeuralNetwork

/// Computes tiles on one thread: reads a tile from its band's input and writes the result to the band's output.
///
/// Not Sendable: each thread makes a worker for itself, which allocates all memory in `init`.
final class TileWorker<Generator: TileGenerator> {
    private let generator: Generator
    private let buffers: BandBuffers
    private let workspace: Generator.TileWorkspace
    /// All channels of the tile's input and of the surrounding pixels that the alpha bleed reads; the alpha bleed fills
    /// transparent pixels with neighbouring colours.
    private let planes: UnsafeMutableBufferPointer<Float>
    /// The network's input: three planes.
    private let networkInput: UnsafeMutableBufferPointer<Float>
    /// The network's output: three planes.
    private let networkOutput: UnsafeMutableBufferPointer<Float>

    /// - Parameter sharer: The calling thread's place among those that share the work on a tile.
    init(generator: Generator, buffers: BandBuffers, sharer: LoopSharer) {
        self.generator = generator
        self.buffers = buffers
        let plan = buffers.plan
        workspace = generator.makeWorkspace(
            maximumWidth: plan.maximumInputWidth, maximumHeight: plan.maximumInputHeight, sharer: sharer)
        let bleed = buffers.inputLayout.hasAlpha ? 2 * AlphaBleed.radius : 0
        let area = (plan.maximumInputWidth + bleed) * (plan.maximumInputHeight + bleed)
        planes = .allocate(capacity: buffers.inputLayout.channels * area)
        networkInput = .allocate(capacity: 3 * plan.maximumInputWidth * plan.maximumInputHeight)
        networkOutput = .allocate(
            capacity: 3 * buffers.scale * buffers.scale * plan.maximumKeptWidth * plan.maximumKeptHeight)
    }

    deinit {
        planes.deallocate()
        networkInput.deallocate()
        networkOutput.deallocate()
    }

    /// Computes a tile.
    func process(_ tile: Tile) throws {
        let layout = buffers.inputLayout
        let plan = buffers.plan
        // The part of the tile that lies in the image, and what the alpha bleed reads around it.
        let around = tile.input.grown(
            by: layout.hasAlpha ? AlphaBleed.radius : 0, imageWidth: plan.imageWidth, imageHeight: plan.imageHeight)
        PixelUnpacking.unpack(
            buffers.input(ofBand: tile.band), imageWidth: plan.imageWidth,
            firstRow: buffers.inputRows(ofBand: tile.band).lowerBound, layout: layout, region: around, into: planes)
        if layout.hasAlpha {
            AlphaBleed.apply(to: planes, colours: layout.colours, width: around.width, height: around.height)
        }
        try upscale(tile, from: around, grey: layout.colours == 1 ? 0 : nil)
        if layout.colours == 1 {
            pack(plane: 0, of: tile, intoChannel: 0)
        } else {
            for channel in 0..<3 { pack(plane: channel, of: tile, intoChannel: channel) }
        }
        if layout.hasAlpha { try processAlpha(of: tile, around: around) }
    }

    private func processAlpha(of tile: Tile, around: PixelRegion) throws {
        let channel = buffers.inputLayout.colours
        let alpha = UnsafeBufferPointer(
            rebasing: planes[(channel * around.pixelCount)..<((channel + 1) * around.pixelCount)])
        if let value = FlatAlpha.constant(alpha) {
            networkOutput.update(repeating: value)
        } else {
            try upscale(tile, from: around, grey: channel)
            FlatAlpha.restore(
                alpha.baseAddress!, width: around.width, height: around.height, keep: tile.keep.relative(to: around),
                scale: buffers.scale, in: networkOutput.baseAddress!)
        }
        pack(plane: 0, of: tile, intoChannel: channel)
    }

    /// Runs the network.
    ///
    /// - Parameter channel: The channel of `planes` that all three of the network's input planes hold; nil for red,
    ///   green and blue. The result is then the mean of the three output planes, in the first of them.
    private func upscale(_ tile: Tile, from around: PixelRegion, grey channel: Int?) throws {
        let region = tile.input
        let plan = buffers.plan
        for plane in 0..<3 {
            BorderReflection.copy(
                region, of: planes.baseAddress! + (channel ?? plane) * around.pixelCount, holding: around,
                imageWidth: plan.imageWidth, imageHeight: plan.imageHeight,
                into: networkInput.baseAddress! + plane * region.pixelCount)
        }
        let outputCount = 3 * buffers.scale * buffers.scale * tile.keep.pixelCount
        let image = PixelRegion(x: 0, y: 0, width: plan.imageWidth, height: plan.imageHeight)
        try generator.upscale(
            UnsafeBufferPointer(rebasing: networkInput[0..<(3 * region.pixelCount)]), width: region.width,
            height: region.height, keeping: tile.keepInInput,
            place: TilePlace(image: image.relative(to: region), isGrey: channel != nil),
            into: UnsafeMutableBufferPointer(rebasing: networkOutput[0..<outputCount]), workspace: workspace)
        if channel != nil { PlaneMean.join(networkOutput.baseAddress!, count: outputCount / 3) }
    }

    private func pack(plane: Int, of tile: Tile, intoChannel channel: Int) {
        let place = tile.keep.scaled(by: buffers.scale)
        let firstRow = buffers.outputRows(ofBand: tile.band).lowerBound
        let target =
            buffers.output(ofBand: tile.band) + (place.y - firstRow) * buffers.outputRowBytes
            + place.x * buffers.outputLayout.bytesPerPixel
        PixelPacking.pack(
            networkOutput.baseAddress! + plane * place.pixelCount, width: place.width, height: place.height,
            into: target, stride: buffers.outputRowBytes, layout: buffers.outputLayout, channel: channel)
    }
}
