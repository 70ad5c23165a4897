import CKernels

/// The gradient of a convolution with respect to its weights: sums of outer products of input and output gradient.
///
/// The work is divided into chunks of the batch and blocks of output channels. The chunks' sums are added in a fixed
/// order, so the result is bit-identical for any number of threads.
struct WeightGradientPass {
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int
    let padding: Int

    /// The number of output channels that are computed together.
    private static let block = Int(CK_GRADIENT_BLOCK)
    /// The number of pixels between two updates of the sums, as many as the kernel keeps in the L1 cache.
    private static let depth = 96
    /// The number of input channels per work item when the chunks' sums are added.
    private static let inputBlock = 64
    /// The maximum number of chunks of a batch, and the number of work items to aim for. A wide layer needs fewer
    /// chunks, because its blocks already provide enough work items.
    private static let (chunks, targetItems) = (4, 8)

    /// True with few output channels. The sums are then transposed, and vectors hold neighbouring input channels.
    private var isTransposed: Bool { outputs < 16 }
    /// True when the Winograd kernels apply; with a 3 x 3 kernel they need a quarter of the multiplications of matrix
    /// products.
    private var isWinograd: Bool {
        ConvolutionPass.hasWinogradShape(
            inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding)
    }

    /// A partial sum: the contribution of the images `samples` to the gradient for a block of output channels.
    private struct Part {
        let samples: Range<Int>
        let firstOutput: Int
        let outputs: Int
        /// The sums: for each kernel row `[kx, inputs, outputs]` or, if transposed, `[outputs, kx, inputs]`. Kernel
        /// rows are `row` floats apart.
        let sums: UnsafeMutablePointer<Float>
        let row: Int
    }

    /// Adds the gradient to `result`, `[outputs, inputs, kernel, kernel]`.
    func callAsFunction(
        input: Batch, gradient: Batch, into result: UnsafeMutablePointer<Float>, context: ComputeContext
    ) {
        let block = min(outputs, Self.block)
        let blocks = (outputs + block - 1) / block
        let chunks = min(Self.chunks, max(1, Self.targetItems / blocks), input.count)
        let row = kernel * inputs * block
        // The sums are stored in a `Batch`, because its memory is reused in the next step.
        let sums = Batch(context, count: chunks, channels: blocks * kernel * row, height: 1, width: 1)
        let parts = (0..<chunks * blocks).map { item in
            let (chunk, firstOutput) = (item / blocks, item % blocks * block)
            return Part(
                samples: chunk * input.count / chunks..<(chunk + 1) * input.count / chunks, firstOutput: firstOutput,
                outputs: min(block, outputs - firstOutput), sums: sums.start + item * kernel * row, row: row)
        }
        if isWinograd {
            runWinograd(parts, input: input, gradient: gradient, context: context)
        } else {
            runProducts(parts, input: input, gradient: gradient, context: context)
        }
        let inputBlocks = (inputs + Self.inputBlock - 1) / Self.inputBlock
        context.threads.run(blocks * inputBlocks) { item, _ in
            let part = parts[item / inputBlocks]
            let first = item % inputBlocks * Self.inputBlock
            var call = ck_gradient_parts(
                parts: part.sums, count: chunks, part: sums.imageCount, row: row, transposed: isTransposed ? 1 : 0,
                outputs: part.outputs, inputs: inputs, kernel: kernel)
            context.passes.add_gradient_parts(
                &call, first, min(inputs, first + Self.inputBlock),
                result + part.firstOutput * inputs * kernel * kernel)
        }
    }

    private func runWinograd(_ parts: [Part], input: Batch, gradient: Batch, context: ComputeContext) {
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

    /// Reads the padded input rows at each kernel position instead of building an im2col matrix.
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
