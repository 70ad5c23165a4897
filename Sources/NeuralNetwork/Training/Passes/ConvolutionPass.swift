import CKernels

/// Computes a convolution of a batch, by Winograd's algorithm if the channel counts, kernel size, stride and padding
/// allow it, otherwise by matrix products.
///
/// The pass is either a layer's forward pass or the gradient with respect to a layer's input, which is itself a
/// convolution with flipped weights. For a layer with a stride above 1, this type computes the gradient only if
/// Winograd's algorithm applies; otherwise `StridedInputPass` computes it.
final class ConvolutionPass: @unchecked Sendable {
    // Invariant: belongs to one layer and is used by its training thread.

    private enum Algorithm {
        /// Winograd's algorithm. A tile of 4 x 4 output pixels needs 36 multiplications instead of 144 with a 3 x 3
        /// kernel, and 64 instead of 400 with a 5 x 5 kernel. A tile of 3 x 3 output pixels needs 49 instead of 81 with
        /// a 3 x 3 kernel and stride 2.
        case winograd
        /// A matrix product. One matrix consists of overlapping pieces of the padded input's rows; the other holds the
        /// weights in panels. A panel holds the weights of 16 output channels.
        case products
        /// Like `products`, but without panels, for a number of output channels that is not a multiple of 16.
        case innerProducts
    }

    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int
    let padding: Int

    /// True when this pass computes an input gradient; `pack` then takes the weights of the forward convolution.
    private let isGradient: Bool
    private let algorithm: Algorithm
    private let packed: AlignedBuffer
    /// The flipped weights of a gradient, used by the matrix products.
    private let flipped: AlignedBuffer?
    private var layer = ck_winograd_layer()

    /// The maximum number of output channels that the Winograd kernels compute together, as a group.
    private static let group = 64
    /// The least number of work items that a large batch is divided into.
    private static let parts = 32
    /// The minimum number of work items per thread, so that no thread waits long for another.
    private static let partsPerThread = 3
    /// The number of output rows per work item of a matrix product. A work item first copies the input rows that it
    /// needs; the copy should fit the L2 cache.
    private static let productBand = 8

    /// True when the Winograd kernels support a convolution of this shape; the individual passes may have further
    /// conditions.
    static func hasWinogradShape(inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int) -> Bool {
        (kernel == 3 && (stride == 1 || stride == 2) || kernel == 5 && stride == 1)
            && padding == kernel / 2 && inputs % 16 == 0 && outputs % 16 == 0
    }

    /// True when the Winograd kernels support a forward pass or input gradient of this shape.
    static func isWinograd(inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int) -> Bool {
        hasWinogradShape(inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding)
            && (outputs <= group || outputs % group == 0)
    }

    /// - Parameters:
    ///   - inputs: The number of channels that the pass reads.
    ///   - outputs: The number of channels that the pass computes.
    ///   - padding: This pass's padding; for the gradient of a strided convolution, the convolution's padding.
    ///   - isGradient: True for the gradient with respect to the input of a convolution with this kernel and stride. If
    ///     true, a stride other than 1 requires `isWinograd`.
    init(inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int, isGradient: Bool = false) {
        self.isGradient = isGradient
        self.inputs = inputs
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        if Self.isWinograd(inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding) {
            algorithm = .winograd
            layer.kernel = Int32(kernel)
            layer.stride = stride == 1 ? CK_EVERY_PIXEL : isGradient ? CK_EVERY_SECOND_GRADIENT : CK_EVERY_SECOND
            layer.input_channels = Int32(inputs)
            layer.group_channels = Int32(min(outputs, Self.group))
            layer.groups = Int32(max(1, outputs / Self.group))
            packed = AlignedBuffer(count: ck_winograd_weights(&layer))
            layer.weights = UnsafePointer(packed.start)
            flipped = nil
        } else {
            precondition(!isGradient || stride == 1, "only the Winograd kernels support this gradient")
            algorithm = outputs % 16 == 0 ? .products : .innerProducts
            packed = AlignedBuffer(count: outputs * inputs * kernel * kernel)
            flipped = isGradient ? AlignedBuffer(count: packed.count) : nil
        }
    }

    /// Packs weights `[outputs, inputs, kernel, kernel]` (for a gradient `[inputs, outputs, kernel, kernel]`) for the
    /// kernels.
    func pack(_ weights: UnsafePointer<Float>, kernels: ConvolutionKernels) {
        var weights = weights
        if let flipped {
            ck_flip_weights_f32(weights, inputs, outputs, kernel, 1, 0, 0, flipped.start)
            weights = UnsafePointer(flipped.start)
        }
        switch algorithm {
        case .winograd: kernels.table.pointee.pack(&layer, weights, isGradient ? 1 : 0, packed.start)
        case .products: ck_pack_products_f32(weights, outputs, inputs, kernel * kernel, packed.start)
        case .innerProducts: ck_pack_inner_products_f32(weights, outputs, inputs, kernel * kernel, packed.start)
        }
    }

    /// The output width or height of a convolution for a given input width or height.
    func outputSide(_ side: Int) -> Int { (side + 2 * padding - kernel) / stride + 1 }

    /// True when the pass converts an input of the width (or height) `input` to an output of the width (or height)
    /// `output`.
    private func fits(_ input: Int, _ output: Int) -> Bool {
        isGradient && stride > 1 ? outputSide(output) == input : outputSide(input) == output
    }

    /// Convolves a batch.
    ///
    /// - Parameters:
    ///   - input: `[N, inputs, H, W]`.
    ///   - bias: One value per output channel.
    ///   - slopes: The leaky ReLU slope of each output channel; nil for no activation.
    ///   - output: `[N, outputs, ...]`, of the size that `outputSide` returns; for a gradient, of the convolution's
    ///     input size.
    ///   - rectifier: For a gradient: the output and slope of a leaky ReLU before the convolution. The result is then
    ///     the gradient with respect to the leaky ReLU's input.
    func callAsFunction(
        _ input: Batch, bias: UnsafePointer<Float>, slopes: UnsafePointer<Float>? = nil, into output: Batch,
        rectifier: (output: Batch, slope: Float)? = nil, context: ComputeContext
    ) {
        precondition(input.channels == inputs && output.channels == outputs && input.count == output.count)
        precondition(
            fits(input.height, output.height) && fits(input.width, output.width), "input and output sizes do not match")
        if algorithm == .winograd {
            runWinograd(
                input, bias: bias, slopes: slopes, into: output, rectifier: rectifier, context: context)
        } else {
            runProducts(input, bias: bias, slopes: slopes, into: output, context: context)
            if let rectifier {
                rectifier.output.leakyGradient(output, slope: rectifier.slope, into: output, context)
            }
        }
    }

    private func runWinograd(
        _ input: Batch, bias: UnsafePointer<Float>, slopes: UnsafePointer<Float>?, into output: Batch,
        rectifier: (output: Batch, slope: Float)?, context: ComputeContext
    ) {
        var layer = layer
        (layer.bias, layer.slopes) = (bias, slopes)
        context.reserveScratch(ck_winograd_scratch(&layer))
        let (inputRows, outputRows) = (input.rowTable(), output.rowTable())
        let rectifiedRows = rectifier?.output.rowTable()
        let region = ck_region(x0: 0, y0: 0, x1: output.width, y1: output.height)
        // Tiles are numbered consecutively through all images, because one image may have too few tiles to fill a
        // block.
        let tiles = input.count * ck_winograd_tiles(&layer, region)
        let blocks = (tiles + Int(CK_TILES) - 1) / Int(CK_TILES)
        let part = max(1, blocks / Self.parts) * Int(CK_TILES)
        let parts = (tiles + part - 1) / part
        // If there are few tiles, threads also divide the groups of output channels among themselves. Each thread then
        // transforms the input itself.
        let groups = Int(layer.groups)
        var shares = 1
        while shares < groups, parts * shares < Self.partsPerThread * context.threads.count { shares *= 2 }
        context.threads.run(parts * shares) { item, worker in
            var layer = layer
            let (first, share) = (item / shares * part, item % shares)
            var range = ck_tiles(
                input_rows: input.height, output_rows: output.height, first: first, count: min(part, tiles - first),
                first_group: Int32(share * groups / shares), end_group: Int32((share + 1) * groups / shares), all: tiles
            )
            withUnsafePointer(to: &range) { range in
                var call = ck_winograd_call(
                    input_rows: inputRows.constant, tiles: range,
                    input_valid: ck_region(x0: 0, y0: 0, x1: input.width, y1: input.height),
                    output_rows: outputRows.rows, shuffle: 0, skip_rows: nil, rectified_rows: rectifiedRows?.constant,
                    rectified_slope: rectifier?.slope ?? 1, region: region, scratch: context.scratch(of: worker),
                    input_pixel: 0, output_pixel: 0, skip_pixel: 0)
                context.kernels.table.pointee.winograd(&layer, &call)
            }
        }
    }

    private func runProducts(
        _ input: Batch, bias: UnsafePointer<Float>, slopes: UnsafePointer<Float>?, into output: Batch,
        context: ComputeContext
    ) {
        let pitch = (input.width + 2 * padding) * inputs
        context.reserveScratch(((Self.productBand - 1) * stride + kernel) * pitch)
        let bands = (output.height + Self.productBand - 1) / Self.productBand
        let groups = PanelGroups(outputs: outputs, weights: packed.count)
        context.threads.run(groups.count * input.count * bands) { item, worker in
            let (group, sample, band) = (
                item / (input.count * bands), item / bands % input.count, item % bands
            )
            let first = band * Self.productBand
            let rows = min(Self.productBand, output.height - first)
            let padded = context.scratch(of: worker)
            ck_pad_rows_f32(
                input.start + sample * input.imageCount, input.height, input.width, inputs, padding,
                first * stride - padding, 1, (rows - 1) * stride + kernel, padded)
            for row in 0..<rows {
                let target = output.start + ((sample * output.height + first + row) * output.width) * outputs
                let source = UnsafePointer(padded + row * stride * pitch)
                if algorithm == .products {
                    let panels = groups.panels(group)
                    let skipped = panels.lowerBound * Int(CK_PANEL)
                    var call = ck_products(
                        a: source, a_step: stride * inputs, a_row: pitch,
                        b: packed.start + skipped * kernel * kernel * inputs, rows: kernel, inner: kernel * inputs,
                        count: output.width, panels: panels.count, bias: bias + skipped,
                        slopes: slopes.map { $0 + skipped }, c: target + skipped, c_step: outputs)
                    context.passes.products(&call)
                } else {
                    var call = ck_inner_products(
                        a: source, a_step: stride * inputs, a_row: pitch, b: packed.start, rows: kernel,
                        inner: kernel * inputs, count: output.width, outputs: outputs, bias: bias, c: target,
                        c_step: outputs)
                    context.passes.inner_products(&call)
                    if let slopes { context.passes.prelu(target, slopes, output.width, outputs, target) }
                }
            }
        }
    }
}
