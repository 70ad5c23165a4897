import Imaging
import NeuralNetwork

extension GeneratorChain: TileGenerator {
    /// Allocates the memory for tiles up to the given size.
    public func makeWorkspace(maximumWidth: Int, maximumHeight: Int, sharer: LoopSharer) -> ChainWorkspace {
        ChainWorkspace(self, maximumWidth: maximumWidth, maximumHeight: maximumHeight, sharer: sharer)
    }

    /// Upscales a tile.
    public func upscale(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion, place: TilePlace,
        into output: UnsafeMutableBufferPointer<Float>, workspace: ChainWorkspace
    ) throws {
        // All regions are in the coordinates of the image that their model reads.
        let tile = PixelRegion(x: 0, y: 0, width: width, height: height).relative(to: place.image)
        let kept = keptRegions(for: keeping.relative(to: place.image), of: place.image)
        var target =
            stages.count == 1 ? output : workspace.links[0].planes(of: kept[0], scale: stages[0].generator.scale)
        try stages[0].generator.upscale(
            input, width: width, height: height, keeping: kept[0].relative(to: tile), into: target,
            workspace: workspace.first)
        var factor = 1
        for (index, link) in workspace.links.enumerated() {
            let before = stages[index].generator.scale
            factor *= before
            let source = target
            source.finish(isGrey: place.isGrey)
            let isLast = index + 1 == workspace.links.count
            target =
                isLast
                ? output
                : workspace.links[index + 1].planes(of: kept[index + 1], scale: stages[index + 1].generator.scale)
            try run(
                stages[index + 1], on: UnsafeBufferPointer(source), holding: kept[index].scaled(by: before),
                ofImage: (place.image.width * factor, place.image.height * factor), keeping: kept[index + 1],
                into: target, link: link)
        }
    }

    /// The regions, in input pixels of each model, whose upscaling the later models need.
    private func keptRegions(for kept: PixelRegion, of image: PixelRegion) -> [PixelRegion] {
        var factor = scale / stages[stages.count - 1].generator.scale
        var regions = [kept.scaled(by: factor)]
        for (before, stage) in zip(stages, stages.dropFirst()).reversed() {
            let read = regions[0].grown(
                by: stage.overlap, imageWidth: image.width * factor, imageHeight: image.height * factor)
            let scale = before.generator.scale
            let (x, y) = (read.x / scale, read.y / scale)
            regions.insert(
                PixelRegion(
                    x: x, y: y, width: (read.endX + scale - 1) / scale - x, height: (read.endY + scale - 1) / scale - y),
                at: 0)
            factor /= scale
        }
        return regions
    }

    /// Runs a model after the first one on the result of the one before, part by part.
    private func run(
        _ stage: Stage, on source: UnsafeBufferPointer<Float>, holding held: PixelRegion,
        ofImage image: (width: Int, height: Int), keeping kept: PixelRegion,
        into target: UnsafeMutableBufferPointer<Float>, link: ChainWorkspace.Link
    ) throws {
        let scale = stage.generator.scale
        let side = Self.partSide(stage)
        let parts = TilePlan(
            imageWidth: kept.width, imageHeight: kept.height, tileWidth: side, tileHeight: side, overlap: 0)
        let row = kept.width * scale
        for index in 0..<parts.count {
            let place = parts[index].keep
            let part = place.relative(to: PixelRegion(x: -kept.x, y: -kept.y, width: 0, height: 0))
            let read = part.grown(
                by: stage.overlap, imageWidth: image.width, imageHeight: image.height,
                beyond: min(stage.overlap, BorderReflection.width))
            for plane in 0..<3 {
                BorderReflection.copy(
                    read, of: source.baseAddress! + plane * held.pixelCount, holding: held, imageWidth: image.width,
                    imageHeight: image.height, into: link.input.baseAddress! + plane * read.pixelCount)
            }
            let output = UnsafeMutableBufferPointer(rebasing: link.output[0..<3 * scale * scale * part.pixelCount])
            try stage.generator.upscale(
                UnsafeBufferPointer(rebasing: link.input[0..<3 * read.pixelCount]), width: read.width,
                height: read.height, keeping: part.relative(to: read), into: output, workspace: link.workspace)
            let result = place.scaled(by: scale)
            for line in 0..<3 * result.height {
                let (plane, y) = (line / result.height, line % result.height)
                (target.baseAddress! + (plane * kept.height * scale + result.y + y) * row + result.x).update(
                    from: output.baseAddress! + line * result.width, count: result.width)
            }
        }
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// Makes three output planes of a model the input of the next one, as a file between them would.
    fileprivate func finish(isGrey: Bool) {
        guard let planes = baseAddress else { return }
        var count = count
        if isGrey {
            count /= 3
            PlaneMean.join(planes, count: count)
        }
        for index in 0..<count { planes[index] = Swift.min(1, Swift.max(0, planes[index])) }
        if isGrey {
            for plane in 1...2 { (planes + plane * count).update(from: planes, count: count) }
        }
    }
}
