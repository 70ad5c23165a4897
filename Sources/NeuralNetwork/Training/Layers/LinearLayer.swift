import CKernels

/// A fully connected layer with bias, like `torch.nn.Linear`, for batches `[N, inputs, 1, 1]`.
public final class LinearLayer: Layer {
    /// The weights, `[outputs, inputs]`.
    public let weight: Parameter
    /// The bias of each output, `[outputs]`.
    public let bias: Parameter
    /// The number of input values per image.
    public let inputs: Int
    /// The number of output values per image.
    public let outputs: Int

    private let store: ParameterStore
    private let context: ComputeContext
    private var input: Batch?

    /// The number of values per work item: of the output in the forward pass, of the gradients in the backward pass.
    private static let block = 64

    /// Declares `name.weight` and `name.bias`.
    public init(_ name: String, inputs: Int, outputs: Int, store: ParameterStore, context: ComputeContext) {
        self.inputs = inputs
        self.outputs = outputs
        self.store = store
        self.context = context
        weight = store.addParameter("\(name).weight", shape: [outputs, inputs])
        bias = store.addParameter("\(name).bias", shape: [outputs])
    }

    private func runBlocks(of count: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
        context.threads.run((count + Self.block - 1) / Self.block) { item, _ in
            body(item * Self.block, min(Self.block, count - item * Self.block))
        }
    }

    /// Computes `weight * input + bias`.
    public func forward(_ input: Batch) -> Batch {
        precondition(input.imageCount == inputs, "the input has the wrong size")
        self.input = input
        let output = Batch(context, count: input.count, channels: outputs, height: 1, width: 1)
        let (weights, biases) = (weight.values, bias.values)
        runBlocks(of: outputs) { first, count in
            var call = ck_inner_products(
                a: input.start, a_step: inputs, a_row: 0, b: weights + first * inputs, rows: 1, inner: inputs,
                count: input.count, outputs: count, bias: biases + first, c: output.start + first, c_step: outputs)
            context.passes.inner_products(&call)
        }
        return output
    }

    /// Computes the gradients with respect to weights, bias and input.
    public func backward(_ gradient: Batch) -> Batch {
        guard let input else { preconditionFailure("backward was called without forward") }
        if !store.keepsInputs { self.input = nil }
        if !store.isFrozen {
            let slopes = weight.gradients
            runBlocks(of: outputs) { first, count in
                var call = ck_outer_products(
                    a: gradient.start + first, a_step: outputs, a_row: 0, b: input.start, b_step: inputs, b_row: 0,
                    rows: 1, columns: input.count, m: count, n: inputs, c: slopes + first * inputs, c_row: inputs)
                context.passes.outer_products(&call)
            }
            for sample in 0..<input.count {
                context.passes.add(bias.gradients, gradient.start + sample * outputs, outputs, bias.gradients)
            }
        }
        let transposed = gradient.sibling(context)
        ck_transpose_f32(gradient.start, gradient.count, outputs, transposed.start)
        let result = input.sibling(context)
        result.zero()
        let weights = weight.values
        runBlocks(of: inputs) { first, count in
            var call = ck_outer_products(
                a: transposed.start, a_step: gradient.count, a_row: 0, b: weights + first, b_step: inputs, b_row: 0,
                rows: 1, columns: outputs, m: gradient.count, n: count, c: result.start + first, c_row: inputs)
            context.passes.outer_products(&call)
        }
        return result
    }
}
