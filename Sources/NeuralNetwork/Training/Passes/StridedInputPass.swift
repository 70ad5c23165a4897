import CKernels

/// The gradient with respect to the input of a strided convolution.
///
/// The phase of an input pixel is its row and column modulo the stride; there are `stride * stride` phases. Each weight
/// of the kernel contributes to the pixels of one phase. The gradient of a phase's pixels is therefore a convolution of
/// the output gradient with a subset of the kernel's weights, with stride 1. Computing each phase separately avoids
/// multiplications by zero.
final class StridedInputPass: @unchecked Sendable {
    // Invariant: belongs to one layer and is used by its training thread.

    /// A phase along one axis: the pixels `stride * q + phase` for all `q`. The gradient of each of them is a sum over
    /// `taps` neighbouring pixels of the output gradient, starting at `q + shift`.
    private struct Phase {
        /// The index of the phase's first weight in the kernel; its other weights follow at intervals of the stride.
        let tap: Int
        let taps: Int
        let shift: Int
    }

    private let inputs: Int
    private let outputs: Int
    private let kernel: Int
    private let stride: Int
    /// The phases, equal for rows and columns.
    private let phases: [Phase]
    /// The packed weights for each pair of row phase and column phase.
    private let packed: [AlignedBuffer]
    private let flipped: AlignedBuffer
    private let zeros: AlignedBuffer
    /// True when the weights are packed in panels, because the number of input channels is a multiple of 16. A panel
    /// holds the weights of 16 of these channels.
    private var fillsPanels: Bool { inputs % Int(CK_PANEL) == 0 }

    /// The number of rows of each phase in a work item. The rows of the output gradient that a work item reads should
    /// fit the L2 cache.
    private static let band = 8

    /// - Parameters:
    ///   - inputs: The number of the convolution's input channels, whose gradient this pass computes.
    ///   - outputs: The number of the convolution's output channels, whose gradient this pass reads.
    init(inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int) {
        self.inputs = inputs
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        phases = (0..<stride).map { phase in
            let tap = (phase + padding) % stride
            let taps = tap < kernel ? (kernel - tap - 1) / stride + 1 : 0
            return Phase(tap: tap, taps: taps, shift: (phase + padding) / stride - taps + 1)
        }
        packed = phases.flatMap { [phases] row in
            phases.map { AlignedBuffer(count: row.taps * $0.taps * inputs * outputs) }
        }
        flipped = AlignedBuffer(count: inputs * outputs * kernel * kernel)
        zeros = AlignedBuffer(count: inputs)
    }

    /// Packs weights `[outputs, inputs, kernel, kernel]` for the kernels.
    func pack(_ weights: UnsafePointer<Float>) {
        for (y, row) in phases.enumerated() {
            for (x, column) in phases.enumerated() {
                ck_flip_weights_f32(weights, outputs, inputs, kernel, stride, row.tap, column.tap, flipped.start)
                let (taps, target) = (row.taps * column.taps, packed[y * stride + x].start)
                if fillsPanels {
                    ck_pack_products_f32(flipped.start, inputs, outputs, taps, target)
                } else {
                    ck_pack_inner_products_f32(flipped.start, inputs, outputs, taps, target)
                }
            }
        }
    }

    /// Computes the gradient.
    ///
    /// - Parameters:
    ///   - gradient: The gradient with respect to the convolution's output.
    ///   - result: The gradient with respect to the convolution's input.
    func callAsFunction(_ gradient: Batch, into result: Batch, context: ComputeContext) {
        precondition(gradient.channels == outputs && result.channels == inputs && gradient.count == result.count)
        // The first and the last pixel of the output gradient that any phase reads, relative to `q` (see `Phase`).
        let first = phases.map(\.shift).min() ?? 0
        let last = phases.map { $0.shift + $0.taps - 1 }.max() ?? 0
        let perPhase = (max(result.width, result.height) + stride - 1) / stride
        // The number of pixels that the phases read beyond the output gradient on each side.
        let margin = max(0, -first, perPhase - 1 + last - (gradient.width - 1))
        let pitch = (gradient.width + 2 * margin) * outputs
        context.reserveScratch((Self.band + last - first) * pitch)
        let bands = ((result.height + stride - 1) / stride + Self.band - 1) / Self.band
        let groups = PanelGroups(outputs: inputs, weights: flipped.count)
        context.threads.run(groups.count * result.count * bands) { item, worker in
            let (group, sample, band) = (
                item / (result.count * bands), item / bands % result.count, item % bands
            )
            let top = band * Self.band
            let padded = context.scratch(of: worker)
            ck_pad_rows_f32(
                gradient.start + sample * gradient.imageCount, gradient.height, gradient.width, outputs,
                margin, top + first, 1, Self.band + last - first, padded)
            for y in stride * top..<min(result.height, stride * (top + Self.band)) {
                let row = phases[y % stride]
                let source = padded + (y / stride - top + row.shift - first) * pitch + margin * outputs
                for x in 0..<min(stride, result.width) {
                    let target = result.start + ((sample * result.height + y) * result.width + x) * inputs
                    let count = (result.width - x + stride - 1) / stride
                    sum(
                        UnsafePointer(source + phases[x].shift * outputs), pitch, row: y % stride, column: x, count,
                        panels: groups.panels(group), into: target, context)
                }
            }
        }
    }

    /// Computes `count` pixels in one row of the image: those of row phase `row` and column phase `column`.
    private func sum(
        _ source: UnsafePointer<Float>, _ pitch: Int, row: Int, column: Int, _ count: Int, panels: Range<Int>,
        into target: UnsafeMutablePointer<Float>, _ context: ComputeContext
    ) {
        let (rows, inner) = (phases[row].taps, phases[column].taps * outputs)
        let weights = UnsafePointer(packed[row * stride + column].start)
        if fillsPanels {
            let skipped = panels.lowerBound * Int(CK_PANEL)
            var call = ck_products(
                a: source, a_step: outputs, a_row: pitch, b: weights + skipped * rows * inner, rows: rows,
                inner: inner, count: count, panels: panels.count, bias: zeros.start, slopes: nil, c: target + skipped,
                c_step: stride * inputs)
            context.passes.products(&call)
        } else {
            var call = ck_inner_products(
                a: source, a_step: outputs, a_row: pitch, b: weights, rows: rows, inner: inner, count: count,
                outputs: inputs, bias: zeros.start, c: target, c_step: stride * inputs)
            context.passes.inner_products(&call)
        }
    }
}
