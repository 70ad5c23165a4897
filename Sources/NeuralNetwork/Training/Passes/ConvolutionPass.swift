import CKernels

/// A convolution over batches with the kernels that suit its shape: a layer's forward direction, or, with flipped weights,
/// the gradient by the input of one of stride 1, or of a larger one that minimal filtering takes.
final class ConvolutionPass: @unchecked Sendable {
    // Invariant: belongs to a layer, that is to the one thread that trains.

    private enum Algorithm {
        /// Minimal filtering: four multiplications where a plain product has nine to sixteen.
        case winograd
        /// A product with overlapping rows of the padded input.
        case products
        /// The same for outputs that do not fill a panel of 16.
        case innerProducts
    }

    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int
    let padding: Int

    /// Whether this is the gradient by the input of a convolution, whose weights it takes.
    private let isGradient: Bool
    private let algorithm: Algorithm
    private let packed: AlignedBuffer
    /// The weights of a gradient as those of a convolution, where products need them.
    private let flipped: AlignedBuffer?
    private var layer = ck_winograd_layer()

    /// Outputs of a group of the Winograd kernels.
    private static let group = 64
    /// Parts of a batch that threads take one by one.
    private static let parts = 32
    /// Parts that a thread should find at least, so that none waits long for another.
    private static let partsOfThread = 3
    /// Rows of an image that a thread takes at a time for products; they are copied first and should stay in the L2.
    private static let productBand = 8

    /// Whether minimal filtering knows layers of this kind, whatever is computed of them.
    static func hasFilteringShape(inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int) -> Bool {
        (kernel == 3 && (stride == 1 || stride == 2) || kernel == 5 && stride == 1)
            && padding == kernel / 2 && inputs % 16 == 0 && outputs % 16 == 0
    }

    /// Whether minimal filtering can do it.
    static func isFiltered(inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int) -> Bool {
        hasFilteringShape(inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding)
            && (outputs <= group || outputs % group == 0)
    }

    /// - Parameters:
    ///   - inputs: Channels of what is read.
    ///   - outputs: Channels of what is computed.
    ///   - padding: Of a gradient of stride 1: of this pass; of another one: of the convolution.
    ///   - isGradient: Whether this is the gradient by the input of a convolution of this kernel and stride; where the stride is
    ///     not 1 only what `isFiltered` says.
    init(inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int, isGradient: Bool = false) {
        self.isGradient = isGradient
        self.inputs = inputs
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        if Self.isFiltered(inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding) {
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
            precondition(!isGradient || stride == 1, "only minimal filtering knows this gradient")
            algorithm = outputs % 16 == 0 ? .products : .innerProducts
            packed = AlignedBuffer(count: outputs * inputs * kernel * kernel)
            flipped = isGradient ? AlignedBuffer(count: packed.count) : nil
        }
    }

    /// Brings weights `[outputs, inputs, kernel, kernel]`, of a gradient `[inputs, outputs, kernel, kernel]`, into the order that
    /// the kernels read.
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

    /// The side of the output for a side of the input, of a convolution.
    func outputSide(_ side: Int) -> Int { (side + 2 * padding - kernel) / stride + 1 }

    /// Whether sides of input and output fit.
    private func fits(_ input: Int, _ output: Int) -> Bool {
        isGradient && stride > 1 ? outputSide(output) == input : outputSide(input) == output
    }

    /// Convolves a batch.
    ///
    /// - Parameters:
    ///   - input: `[N, inputs, H, W]`.
    ///   - bias: A number an output.
    ///   - slopes: What negative outputs are multiplied by, a number an output; nil for no activation.
    ///   - output: `[N, outputs, ...]`, of the size that `outputSide` gives; of a gradient, of the convolution's input.
    ///   - rectifier: Of a gradient: what a leaky rectifier before the convolution gave, `output`'s shape, and its slope; the
    ///     gradient is then that by the rectifier's input.
    func callAsFunction(
        _ input: Batch, bias: UnsafePointer<Float>, slopes: UnsafePointer<Float>? = nil, into output: Batch,
        rectifier: (output: Batch, slope: Float)? = nil, context: ComputeContext
    ) {
        precondition(input.channels == inputs && output.channels == outputs && input.count == output.count)
        precondition(fits(input.height, output.height) && fits(input.width, output.width), "the sizes differ")
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
        // Tiles of several images fill a block where those of one do not.
        let tiles = input.count * ck_winograd_tiles(&layer, region)
        let blocks = (tiles + Int(CK_TILES) - 1) / Int(CK_TILES)
        let part = max(1, blocks / Self.parts) * Int(CK_TILES)
        let parts = (tiles + part - 1) / part
        // Where tiles are few, threads share the groups out as well; each then transforms the input itself.
        let groups = Int(layer.groups)
        var shares = 1
        while shares < groups, parts * shares < Self.partsOfThread * context.threads.count { shares *= 2 }
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
                    rectified_slope: rectifier?.slope ?? 1, region: region, scratch: context.scratch(of: worker))
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
