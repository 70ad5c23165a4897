import CKernels

/// A convolution over batches with the kernels that suit its shape: a layer's forward direction, or, with flipped weights,
/// the gradient by its input.
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

    private let algorithm: Algorithm
    private let packed: AlignedBuffer
    private var layer = ck_winograd_layer()

    /// Outputs of a group of the Winograd kernels.
    private static let group = 64
    /// Rows of a picture that a thread takes at a time: a multiple of a Winograd tile.
    private static let band = 24
    /// The same for products, whose input rows are copied first and should stay in the L2.
    private static let productBand = 8

    init(inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int) {
        self.inputs = inputs
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        let groups = outputs <= Self.group ? 1 : outputs / Self.group
        let fits = inputs % 16 == 0 && outputs % 16 == 0 && groups * (outputs / groups) == outputs
        if kernel == 3, stride == 1, padding == 1, fits, outputs / groups <= Self.group, outputs / groups % 16 == 0 {
            algorithm = .winograd
            layer.kernel = 3
            layer.input_channels = Int32(inputs)
            layer.group_channels = Int32(outputs / groups)
            layer.groups = Int32(groups)
            packed = AlignedBuffer(count: ck_winograd_weights(&layer))
            layer.weights = UnsafePointer(packed.start)
        } else {
            algorithm = outputs % 16 == 0 ? .products : .innerProducts
            packed = AlignedBuffer(count: outputs * inputs * kernel * kernel)
        }
    }

    /// Brings weights `[outputs, inputs, kernel, kernel]` into the order that the kernels read.
    func pack(_ weights: UnsafePointer<Float>, kernels: ConvolutionKernels) {
        switch algorithm {
        case .winograd: kernels.table.pointee.pack(&layer, weights, packed.start)
        case .products: ck_pack_products_f32(weights, outputs, inputs, kernel * kernel, packed.start)
        case .innerProducts: ck_pack_inner_products_f32(weights, outputs, inputs, kernel * kernel, packed.start)
        }
    }

    /// The side of the output for a side of the input.
    func outputSide(_ side: Int) -> Int { (side + 2 * padding - kernel) / stride + 1 }

    /// Convolves a batch.
    ///
    /// - Parameters:
    ///   - input: `[N, inputs, H, W]`.
    ///   - bias: A number an output.
    ///   - slopes: What negative outputs are multiplied by, a number an output; nil for no activation.
    ///   - output: `[N, outputs, ...]`, of the size that `outputSide` gives.
    func callAsFunction(
        _ input: Batch, bias: UnsafePointer<Float>, slopes: UnsafePointer<Float>? = nil, into output: Batch,
        context: ComputeContext
    ) {
        precondition(input.channels == inputs && output.channels == outputs && input.count == output.count)
        precondition(
            output.height == outputSide(input.height) && output.width == outputSide(input.width), "the sizes differ")
        if algorithm == .winograd {
            runWinograd(input, bias: bias, slopes: slopes, into: output, context: context)
        } else {
            runProducts(input, bias: bias, slopes: slopes, into: output, context: context)
        }
    }

    private func runWinograd(
        _ input: Batch, bias: UnsafePointer<Float>, slopes: UnsafePointer<Float>?, into output: Batch,
        context: ComputeContext
    ) {
        var layer = layer
        (layer.bias, layer.slopes) = (bias, slopes)
        context.reserveScratch(ck_winograd_scratch(&layer))
        let (height, width) = (input.height, input.width)
        let (inputRows, outputRows) = (input.rowTable(), output.rowTable())
        let bands = (height + Self.band - 1) / Self.band
        context.threads.run(input.count * bands) { item, worker in
            let (sample, band) = (item / bands, item % bands)
            var layer = layer
            var call = ck_winograd_call(
                input_rows: inputRows.constant + sample * height,
                input_valid: ck_region(x0: 0, y0: 0, x1: width, y1: height),
                output_rows: outputRows.rows + sample * height, shuffle: 0, skip_rows: nil,
                region: ck_region(
                    x0: 0, y0: band * Self.band, x1: width, y1: min(height, (band + 1) * Self.band)),
                scratch: context.scratch(of: worker))
            context.kernels.table.pointee.winograd(&layer, &call)
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
                input.start + sample * input.pictureCount, input.height, input.width, inputs, inputs, padding,
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
