import CKernels
import Foundation
import Imaging
import NeuralNetwork

extension FastGenerator {
    /// The regions that the layers of the tail must compute: the two upsampling layers and the last convolution.
    ///
    /// The tile's kept region is the part whose upscaling is needed. A layer's region is the part of its output on
    /// which the result for the kept region depends.
    struct TailRegions {
        /// The regions of the last convolution and the second upsampling. Both layers run before the second pixel
        /// shuffle, so the coordinates are at twice the tile's resolution.
        let last, second: KernelRegion
        /// The region of the first upsampling before its pixel shuffle, at the tile's resolution.
        let first: KernelRegion

        init(keeping kept: KernelRegion, of tile: KernelRegion) {
            last = kept.doubled
            second = last.grown(by: 2, within: tile.doubled)
            first = second.grown(by: 1, within: tile.doubled).halved
        }
    }

    /// The regions that the layers before the tail must compute for the tile's kept region.
    struct Regions {
        /// The whole tile, and its kept region.
        let tile, kept: KernelRegion
        /// The region of the convolution after the blocks.
        let afterBlocks: KernelRegion
        /// For each residual block, from first to last: the region of its first convolution (`inner`) and of its
        /// output.
        let blocks: [(inner: KernelRegion, output: KernelRegion)]
        /// The region of the network's first convolution.
        let head: KernelRegion

        init(keeping: PixelRegion, width: Int, height: Int, blocks count: Int) {
            tile = KernelRegion(x: 0..<width, y: 0..<height)
            kept = KernelRegion(
                x: keeping.x..<keeping.x + keeping.width, y: keeping.y..<keeping.y + keeping.height)
            afterBlocks = TailRegions(keeping: kept, of: tile).first.grown(by: 1, within: tile)
            var needed = afterBlocks.grown(by: 1, within: tile)
            var blocks: [(inner: KernelRegion, output: KernelRegion)] = []
            for _ in 0..<count {
                let inner = needed.grown(by: 1, within: tile)
                blocks.append((inner, needed))
                needed = inner.grown(by: 1, within: tile)
            }
            self.blocks = blocks.reversed()
            head = needed
        }
    }

    /// Upscales a tile; see `LoadedGenerator.upscale`.
    func upscale(
        _ input: UnsafePointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutablePointer<Float>, memory: FastMemory, sharer: LoopSharer
    ) {
        let regions = Regions(keeping: keeping, width: width, height: height, blocks: blocks.count)
        let margin = first.kernel / 2
        let (scale, shift) = metadata.inputRange.fromUnit
        let inputRow = memory.inputRow(width: width)
        ck_interleave_f32(input, 3, height, width, margin, scale, shift, memory.input, inputRow)
        sharer.rows(of: regions.head) { region, _ in
            first(memory.input, inputRow: inputRow, into: memory.head, region: region, kernels: kernels)
        }
        runTrunk(regions, memory: memory, sharer: sharer)
        runTail(regions, into: output, memory: memory, sharer: sharer)
        if metadata.finalActivation == .tanh {
            applyTanh(output, planeCount: 16 * keeping.width * keeping.height)
        }
    }

    private func runTrunk(_ regions: Regions, memory: FastMemory, sharer: LoopSharer) {
        func run(
            _ layer: WinogradConvolution, _ source: RowTable, valid: KernelRegion, into output: RowTable,
            skip: RowTable? = nil, region: KernelRegion
        ) {
            sharer.rows(of: region) { region, thread in
                layer(
                    source, valid: valid, into: output, skip: skip, region: region,
                    scratch: memory.lanes[thread].scratch)
            }
        }
        var (source, valid) = (memory.head, regions.head)
        for (block, region) in zip(blocks, regions.blocks) {
            run(block.0, source, valid: valid, into: memory.inner, region: region.inner)
            // From the second block on, `source` is `memory.trunk`, so the block's output overwrites its input. This is
            // safe: the first convolution has already read the input, and the skip connection adds each input value
            // only to the output value at the same position.
            run(
                block.1, memory.inner, valid: region.inner, into: memory.trunk, skip: source, region: region.output)
            (source, valid) = (memory.trunk, region.output)
        }
        run(
            afterBlocks, source, valid: valid, into: memory.inner, skip: memory.head, region: regions.afterBlocks)
    }

    private func runTail(
        _ regions: Regions, into output: UnsafeMutablePointer<Float>, memory: FastMemory, sharer: LoopSharer
    ) {
        let kept = regions.kept
        let count = (kept.x.count + Self.column - 1) / Self.column
        sharer.run(0..<count, unit: 1) { columns, thread in
            for column in columns {
                let start = kept.x.lowerBound + column * kept.x.count / count
                let end = kept.x.lowerBound + (column + 1) * kept.x.count / count
                let part = TailRegions(keeping: KernelRegion(x: start..<end, y: kept.y), of: regions.tile)
                runColumn(
                    part, of: regions, into: output + 4 * (start - kept.x.lowerBound), memory: memory,
                    lane: memory.lanes[thread])
            }
        }
    }

    /// Computes the output of one column of the tile, strip by strip.
    private func runColumn(
        _ part: TailRegions, of regions: Regions, into output: UnsafeMutablePointer<Float>, memory: FastMemory,
        lane: FastMemory.Lane
    ) {
        let (last, second) = (part.last, part.second)
        let firstOutput = part.first.doubled
        lane.moveRings(first: firstOutput.x.lowerBound, second: second.x.lowerBound, last: last.x.lowerBound)
        let (scale, shift) =
            metadata.finalActivation == .none ? metadata.outputRange.toUnit : ModelMetadata.ValueRange.unit.toUnit
        let row = 4 * regions.kept.x.count
        let plane = row * 4 * regions.kept.y.count
        var firstDone = part.first.y.lowerBound
        var secondDone = second.y.lowerBound
        for top in stride(from: last.y.lowerBound, to: last.y.upperBound, by: Self.strip) {
            let rows = top..<min(top + Self.strip, last.y.upperBound)
            let secondNeeded = min(rows.upperBound + 2, second.y.upperBound)
            let firstNeeded = min(secondNeeded + 1, firstOutput.y.upperBound)
            while 2 * firstDone < firstNeeded {
                let firstRows = firstDone..<min(firstDone + Self.firstStrip, part.first.y.upperBound)
                upsampling.0(
                    memory.inner, valid: regions.afterBlocks, into: lane.doubled,
                    region: KernelRegion(x: part.first.x, y: firstRows), scratch: lane.scratch)
                firstDone = firstRows.upperBound
            }
            if secondDone < secondNeeded {
                // The ring buffer may also hold rows that this strip does not need, and those may be outdated.
                // Therefore `valid` covers only the rows that this strip needs.
                let seen = max(secondDone - 1, firstOutput.y.lowerBound)..<firstNeeded
                upsampling.1(
                    lane.doubled, valid: KernelRegion(x: firstOutput.x, y: seen), into: lane.unshuffled,
                    region: KernelRegion(x: second.x, y: secondDone..<secondNeeded), scratch: lane.scratch)
                secondDone = secondNeeded
            }
            let seen = max(rows.lowerBound - 2, second.y.lowerBound)..<secondNeeded
            self.last(
                lane.unshuffled, valid: KernelRegion(x: second.x, y: seen), into: lane.result,
                region: KernelRegion(x: last.x, y: rows), scratch: lane.scratch)
            for y in rows {
                ck_unshuffle_row_f32(
                    lane.result[y] + 16 * last.x.lowerBound, 16, last.x.count, 3, scale, shift,
                    output + 2 * (y - last.y.lowerBound) * row, plane, row)
            }
        }
    }

    private func applyTanh(_ values: UnsafeMutablePointer<Float>, planeCount: Int) {
        let (scales, shifts) = metadata.outputRange.toUnit
        for (channel, (scale, shift)) in zip(scales, shifts).enumerated() {
            let plane = values + channel * planeCount
            for i in 0..<planeCount { plane[i] = tanh(plane[i]) * scale + shift }
        }
    }
}
