import CKernels

/// The gradient of a convolution by its weights: sums of outer products of input and output gradient.
///
/// Padded rows of the input overlap as the kernel's windows do, so nothing is unfolded. The work is cut into chunks of the
/// batch, rows of the kernel and blocks of outputs; the chunks' sums are added in order, so that the result has the same
/// bits for any number of threads.
struct WeightGradientPass {
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int
    let padding: Int

    /// Outputs that are computed together.
    private static let block = 64
    /// Pixels between two visits of the sums, as many as the kernel keeps in the L1.
    private static let depth = 96
    /// A gradient of more numbers than this is not kept several times; its blocks are enough for all threads.
    private static let largestChunked = 1 << 17

    /// With few outputs the sums' rows are the outputs, so that vectors run over the inputs.
    private var isTransposed: Bool { outputs < 16 }

    /// Adds the gradient to `result`, `[outputs, inputs, kernel, kernel]`.
    func callAsFunction(
        input: Batch, gradient: Batch, into result: UnsafeMutablePointer<Float>, context: ComputeContext
    ) {
        let inner = kernel * inputs
        let block = min(outputs, Self.block)
        let blocks = (outputs + block - 1) / block
        let chunks = kernel * inner * outputs <= Self.largestChunked ? min(4, input.count) : 1
        let part = inner * block
        let perChunk = blocks * kernel
        // As a batch, because its memory is kept for the next step.
        let parts = Batch(context, count: chunks * perChunk, channels: part, height: 1, width: 1)
        let rows = max(1, Self.depth / gradient.width)
        let pitch = (input.width + 2 * padding) * inputs
        context.reserveScratch(rows * pitch)
        context.threads.run(chunks * perChunk) { item, worker in
            let chunk = item / perChunk
            let (firstOutput, ky) = (item % perChunk / kernel * block, item % kernel)
            let count = min(block, outputs - firstOutput)
            let sums = parts.start + item * part
            sums.update(repeating: 0, count: part)
            let padded = context.scratch(of: worker)
            for sample in chunk * input.count / chunks..<(chunk + 1) * input.count / chunks {
                for first in Swift.stride(from: 0, to: gradient.height, by: rows) {
                    let rows = min(rows, gradient.height - first)
                    ck_pad_rows_f32(
                        input.start + sample * input.pictureCount, input.height, input.width, inputs, padding,
                        first * stride + ky - padding, stride, rows, padded)
                    let slope =
                        gradient.start + (sample * gradient.height + first) * gradient.width * outputs + firstOutput
                    let (slopeStep, slopeRow) = (outputs, gradient.width * outputs)
                    var call =
                        isTransposed
                        ? ck_outer_products(
                            a: slope, a_step: slopeStep, a_row: slopeRow, b: padded, b_step: stride * inputs,
                            b_row: pitch, rows: rows, columns: gradient.width, m: count, n: inner, c: sums,
                            c_row: inner)
                        : ck_outer_products(
                            a: padded, a_step: stride * inputs, a_row: pitch, b: slope, b_step: slopeStep,
                            b_row: slopeRow, rows: rows, columns: gradient.width, m: inner, n: count, c: sums,
                            c_row: count)
                    context.passes.outer_products(&call)
                }
            }
        }
        context.threads.run(perChunk) { item, _ in
            let (firstOutput, ky) = (item / kernel * block, item % kernel)
            for chunk in 0..<chunks {
                ck_add_weight_gradient_f32(
                    parts.start + (chunk * perChunk + item) * part, isTransposed ? 1 : 0,
                    min(block, outputs - firstOutput), inputs, kernel, ky,
                    result + firstOutput * inputs * kernel * kernel)
            }
        }
    }
}
