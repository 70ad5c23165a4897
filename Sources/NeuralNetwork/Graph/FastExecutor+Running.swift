import CKernels

extension FastExecutor {
    /// Runs the network on a tile.
    ///
    /// - Parameters:
    ///   - input: `[channels, height, width]`.
    ///   - keeping: The part of the tile whose output is needed.
    ///   - output: `[channels, scale * keeping.y.count, scale * keeping.x.count]`.
    ///   - memory: The tile's memory, which must be large enough.
    ///   - sharer: The calling thread's place among those that share the work.
    public func callAsFunction(
        _ input: UnsafePointer<Float>, width: Int, height: Int, keeping: KernelRegion,
        into output: UnsafeMutablePointer<Float>, memory: FastExecutorMemory, sharer: LoopSharer
    ) {
        let run = FastRun(
            executor: self, memory: memory, sharer: sharer, input: input, width: width, height: height, output: output)
        run(keeping.multiplied(by: program.scale))
    }
}

/// One run of a fast executor on a tile.
private struct FastRun {
    let executor: FastExecutor
    let memory: FastExecutorMemory
    let sharer: LoopSharer
    let input: UnsafePointer<Float>
    /// The tile's size.
    let width: Int, height: Int
    let output: UnsafeMutablePointer<Float>

    private var program: FastProgram { executor.program }
    /// The size of the network's smallest image.
    private var smallWidth: Int { (width + program.multiple - 1) / program.multiple }
    private var smallHeight: Int { (height + program.multiple - 1) / program.multiple }

    /// Computes a part of the output, in the output's pixels.
    func callAsFunction(_ part: KernelRegion) {
        prepareImage()
        let first = program.steps.count - program.tail
        let regions = program.regions(output: part, width: smallWidth, height: smallHeight)
        for index in 0..<first {
            guard let region = regions.steps[index] else { continue }
            sharer.rows(of: region) { part, thread in
                compute(index, region: region, rows: part.y, lane: memory.lanes[thread])
            }
        }
        // Columns begin at whole blocks of the last pixel shuffle.
        let shuffle = program.outputShuffle
        let blocks = (part.x.count + shuffle - 1) / shuffle
        let count = (blocks + FastExecutor.column - 1) / FastExecutor.column
        sharer.run(0..<count, unit: 1) { columns, thread in
            for column in columns {
                let start = part.x.lowerBound + column * blocks / count * shuffle
                let end = min(part.x.lowerBound + (column + 1) * blocks / count * shuffle, part.x.upperBound)
                computeColumn(KernelRegion(x: start..<end, y: part.y), of: part, lane: memory.lanes[thread])
            }
        }
    }

    // MARK: Input

    /// Writes the image with interleaved channels and a margin of zeros.
    private func prepareImage() {
        let (channels, multiple) = (program.imageChannels, program.multiple)
        var source = input
        if multiple > 1 {
            let area = smallWidth * smallHeight
            for channel in 0..<channels * multiple * multiple {
                let (dy, dx) = (channel / multiple % multiple, channel % multiple)
                let plane = input + channel / multiple / multiple * width * height
                let target = memory.planes.start + channel * area
                for y in 0..<smallHeight {
                    let row = plane + Reflection.index(y * multiple + dy, of: height) * width
                    for x in 0..<smallWidth {
                        target[y * smallWidth + x] = row[Reflection.index(x * multiple + dx, of: width)]
                    }
                }
            }
            source = UnsafePointer(memory.planes.start)
        }
        let count = channels * multiple * multiple
        let scale = multiple > 1 ? [Float](repeating: 1, count: count) : program.inputScale
        let shift = multiple > 1 ? [Float](repeating: 0, count: count) : program.inputShift
        ck_interleave_f32(
            source, count, smallHeight, smallWidth, executor.firstKernel / 2, scale, shift, memory.image.start,
            memory.imageRow)
    }

    // MARK: Steps

    /// Computes some rows of a step's region, counted before the pixel shuffle.
    private func compute(_ index: Int, region: KernelRegion, rows: Range<Int>, lane: FastExecutorMemory.Lane) {
        let step = program.steps[index]
        let target = lane.values[step.output]
        let part = KernelRegion(x: region.x, y: rows)
        switch executor.layers[index] {
        case .direct(let parts):
            for (part, table) in zip(parts, lane.outputs[index]) {
                if let source = step.sources.first {
                    let view = lane.values[source]
                    for y in rows {
                        part.layer(
                            view.rows[y], inputRow: 0, into: table, region: KernelRegion(x: region.x, y: y..<y + 1),
                            kernels: executor.kernels, inputPixel: view.pixel, outputPixel: target.pixel)
                    }
                } else {
                    part.layer(
                        memory.image.start, inputRow: memory.imageRow, into: table,
                        region: KernelRegion(x: region.x, y: rows), kernels: executor.kernels,
                        outputPixel: target.pixel)
                }
            }
        case .winograd(let parts):
            let source = lane.values[step.sources[0]]
            let skip = step.skip.map { lane.values[$0] }
            let image = program.image(of: step.sources[0], width: smallWidth, height: smallHeight)
            // Only the pixels that the region needs have been computed.
            let valid = part.grown(by: step.radius, within: image)
            for (number, convolution) in parts.enumerated() {
                convolution.layer(
                    source.rows, valid: valid, into: lane.outputs[index][number],
                    skip: skip == nil ? nil : lane.skips[index][number], region: part,
                    scratch: lane.scratch.start, inputPixel: source.pixel, outputPixel: target.pixel,
                    skipPixel: skip?.pixel ?? 0)
            }
        case .sum(let factor):
            let (a, b) = (lane.values[step.sources[0]], lane.values[step.skip!])
            let (x, channels) = (region.x.lowerBound, program.values[step.output].channels)
            for y in rows {
                ck_scaled_sum_f32(
                    a.rows[y] + x * a.pixel, a.pixel, b.rows[y] + x * b.pixel, b.pixel, factor, region.x.count,
                    channels, target.rows[y] + x * target.pixel, target.pixel)
            }
        }
    }

    // MARK: Tail

    /// Computes a column of the output, strip by strip.
    private func computeColumn(_ column: KernelRegion, of part: KernelRegion, lane: FastExecutorMemory.Lane) {
        let regions = program.regions(output: column, width: smallWidth, height: smallHeight)
        let first = program.steps.count - program.tail
        for index in first..<program.steps.count {
            let step = program.steps[index]
            let computed = regions.values[step.output]!
            let start = computed.x.lowerBound * lane.values[step.output].pixel
            lane.values[step.output].rows.move(to: start)
            for table in lane.outputs[index] { table.move(to: start) }
            lane.done[index - first] = computed.y.lowerBound
        }
        let last = program.steps.count - 1
        let region = regions.steps[last]!
        while lane.done[program.tail - 1] < region.y.upperBound * program.steps[last].shuffle {
            let begun = lane.done[program.tail - 1]
            advance(last, until: begun + 1, regions: regions, lane: lane)
            for y in begun..<lane.done[program.tail - 1] { write(row: y, of: column, part: part, lane: lane) }
        }
    }

    /// Computes rows of a step of the tail until those before row `end` of its output are complete.
    private func advance(
        _ index: Int, until end: Int, regions: FastProgram.Regions, lane: FastExecutorMemory.Lane
    ) {
        let first = program.steps.count - program.tail
        let step = program.steps[index]
        let region = regions.steps[index]!
        while lane.done[index - first] < end {
            let start = lane.done[index - first] / step.shuffle
            let rows = start..<min(start + FastExecutor.strip, region.y.upperBound)
            if index > first {
                let image = program.image(of: step.sources[0], width: smallWidth, height: smallHeight)
                advance(
                    index - 1, until: min(rows.upperBound + step.radius, image.y.upperBound), regions: regions,
                    lane: lane)
            }
            compute(index, region: region, rows: rows, lane: lane)
            lane.done[index - first] = rows.upperBound * step.shuffle
        }
    }

    // MARK: Output

    /// Writes the pixels of row `y` of the last step, and adds the enlarged image.
    private func write(
        row y: Int, of column: KernelRegion, part: KernelRegion, lane: FastExecutorMemory.Lane
    ) {
        let value = lane.values[program.steps[program.steps.count - 1].output]
        let (shuffle, channels) = (program.outputShuffle, program.imageChannels)
        let outputRow = part.x.count
        let plane = outputRow * part.y.count
        let top = y * shuffle
        guard part.y.contains(top) else { return }
        let target = output + (top - part.y.lowerBound) * outputRow + column.x.lowerBound - part.x.lowerBound
        ck_planes_of_row_f32(
            value.rows[y] + column.x.lowerBound / shuffle * value.pixel, value.pixel, column.x.count / shuffle,
            channels,
            shuffle, program.outputScale, program.outputShift, target, plane, outputRow)
        guard !program.base.isNone else { return }
        for channel in 0..<channels {
            for row in 0..<shuffle {
                addBase(
                    channel, row: top + row, columns: column.x, to: target + channel * plane + row * outputRow)
            }
        }
    }

    private func addBase(_ channel: Int, row: Int, columns: Range<Int>, to target: UnsafeMutablePointer<Float>) {
        let plane = input + channel * width * height
        switch program.base {
        case .none: break
        case .nearest:
            ck_add_repeated_f32(
                plane + row / program.scale * width, program.scale, columns.lowerBound, columns.count, target)
        case .bilinear:
            let source = Interpolation.bilinear(row, factor: program.scale, count: height)
            ck_add_bilinear_f32(
                plane + source.first * width, plane + source.second * width, source.weight, width, program.scale,
                columns.lowerBound, columns.count, target)
        }
    }
}
