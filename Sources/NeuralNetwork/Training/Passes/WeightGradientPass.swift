import CKernels

/// The gradient of a convolution by its weights: sums of outer products of input and output gradient.
///
/// The work is cut into chunks of the batch and blocks of outputs; the chunks' sums are added in order, so that the result
/// has the same bits for any number of threads.
struct WeightGradientPass {
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int
    let padding: Int

    /// Outputs that are computed together.
    private static let block = Int(CK_GRADIENT_BLOCK)
    /// Pixels between two visits of the sums, as many as the kernel keeps in the L1.
    private static let depth = 96
    /// Inputs whose kernels a thread adds up at a time.
    private static let inputsAtATime = 64
    /// Chunks of a narrow layer's batch; the blocks of a wide one are enough for all threads.
    private static let (chunks, chunksOfAllBlocks) = (4, 8)

    /// With few outputs the sums' rows are the outputs, so that vectors run over the inputs.
    private var isTransposed: Bool { outputs < 16 }
    /// Whether minimal filtering fits, which needs a quarter of the multiplications.
    private var isFiltered: Bool {
        ConvolutionPass.hasFilteringShape(
            inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding)
    }

    /// A part of the sums: what `samples` and a block of outputs contribute.
    private struct Part {
        let samples: Range<Int>
        let firstOutput: Int
        let outputs: Int
        /// For each row of the kernel `[kx, inputs, outputs]`, or transposed, `row` numbers from the next.
        let sums: UnsafeMutablePointer<Float>
        let row: Int
    }

    /// Adds the gradient to `result`, `[outputs, inputs, kernel, kernel]`.
    func callAsFunction(
        input: Batch, gradient: Batch, into result: UnsafeMutablePointer<Float>, context: ComputeContext
    ) {
        let block = min(outputs, Self.block)
        let blocks = (outputs + block - 1) / block
        let chunks = min(Self.chunks, max(1, Self.chunksOfAllBlocks / blocks), input.count)
        let row = kernel * inputs * block
        // As a batch, because its memory is kept for the next step.
        let sums = Batch(context, count: chunks, channels: blocks * kernel * row, height: 1, width: 1)
        let parts = (0..<chunks * blocks).map { item in
            let (chunk, firstOutput) = (item / blocks, item % blocks * block)
            return Part(
                samples: chunk * input.count / chunks..<(chunk + 1) * input.count / chunks, firstOutput: firstOutput,
                outputs: min(block, outputs - firstOutput), sums: sums.start + item * kernel * row, row: row)
        }
        if isFiltered {
            runFiltered(parts, input: input, gradient: gradient, context: context)
        } else {
            runProducts(parts, input: input, gradient: gradient, context: context)
        }
        let stretches = (inputs + Self.inputsAtATime - 1) / Self.inputsAtATime
        context.threads.run(blocks * stretches) { item, _ in
            let part = parts[item / stretches]
            let first = item % stretches * Self.inputsAtATime
            var call = ck_gradient_parts(
                parts: part.sums, count: chunks, part: sums.imageCount, row: row, transposed: isTransposed ? 1 : 0,
                outputs: part.outputs, inputs: inputs, kernel: kernel)
            context.passes.add_gradient_parts(
                &call, first, min(inputs, first + Self.inputsAtATime),
                result + part.firstOutput * inputs * kernel * kernel)
        }
    }

    private func runFiltered(_ parts: [Part], input: Batch, gradient: Batch, context: ComputeContext) {
        context.reserveScratch(CK_GRADIENT_SCRATCH)
        let (inputRows, gradientRows) = (input.rowTable(), gradient.rowTable())
        context.threads.run(parts.count) { item, worker in
            let part = parts[item]
            var call = ck_kernel_gradient(
                kernel: Int32(kernel), stride: stride == 1 ? CK_EVERY_PIXEL : CK_EVERY_SECOND,
                input_rows: inputRows.constant + part.samples.lowerBound * input.height,
                gradient_rows: gradientRows.constant + part.samples.lowerBound * gradient.height,
                images: part.samples.count, input_height: input.height, input_width: input.width,
                height: gradient.height, width: gradient.width, input_channels: inputs, output_channels: outputs,
                first_output: part.firstOutput, outputs: part.outputs, result: part.sums, result_row: part.row,
                scratch: context.scratch(of: worker))
            context.passes.kernel_gradient(&call)
        }
    }

    /// Padded rows of the input are read at each of the kernel's places, so nothing is unfolded.
    private func runProducts(_ parts: [Part], input: Batch, gradient: Batch, context: ComputeContext) {
        let rows = max(1, Self.depth / gradient.width)
        let (pitch, window) = ((input.width + 2 * padding) * inputs, kernel * inputs)
        context.reserveScratch(rows * pitch)
        context.threads.run(parts.count * kernel) { item, worker in
            let (part, ky) = (parts[item / kernel], item % kernel)
            part.sums.advanced(by: ky * part.row).update(repeating: 0, count: part.row)
            let padded = context.scratch(of: worker)
            for sample in part.samples {
                let image = input.start + sample * input.imageCount
                for first in Swift.stride(from: 0, to: gradient.height, by: rows) {
                    let rows = min(rows, gradient.height - first)
                    let slopes =
                        gradient.start + (sample * gradient.height + first) * gradient.width * outputs
                        + part.firstOutput
                    ck_pad_rows_f32(
                        image, input.height, input.width, inputs, padding, first * stride + ky - padding, stride,
                        rows, padded)
                    let sums = part.sums + ky * part.row
                    var call =
                        isTransposed
                        ? ck_outer_products(
                            a: slopes, a_step: outputs, a_row: gradient.width * outputs, b: padded,
                            b_step: stride * inputs, b_row: pitch, rows: rows, columns: gradient.width, m: part.outputs,
                            n: window, c: sums, c_row: window)
                        : ck_outer_products(
                            a: padded, a_step: stride * inputs, a_row: pitch, b: slopes, b_step: outputs,
                            b_row: gradient.width * outputs, rows: rows, columns: gradient.width, m: window,
                            n: part.outputs, c: sums, c_row: part.outputs)
                    context.passes.outer_products(&call)
                }
            }
        }
    }
}
