/// Multiplies negative values by a fixed slope, like `torch.nn.LeakyReLU`; with slope 0, like `torch.nn.ReLU`.
///
/// After a convolution or normalisation, prefer the fused activation of that layer, because it needs no separate pass
/// over memory.
public final class LeakyReLULayer: Layer {
    /// The factor for negative values; 0 or more.
    public let slope: Float

    private let store: ParameterStore
    private let context: ComputeContext
    private var output: Batch?

    /// Makes a layer with a given slope for the network of `store`.
    public init(slope: Float, store: ParameterStore, context: ComputeContext) {
        precondition(
            slope >= 0, "the slope must not be below 0: the backward pass reads the input's sign from the output")
        self.slope = slope
        self.store = store
        self.context = context
    }

    /// Applies the layer.
    public func forward(_ input: Batch) -> Batch {
        let slopes = AlignedBuffer([Float](repeating: slope, count: input.channels))
        let output = input.rectified(slopes: slopes.start, context)
        self.output = output
        return output
    }

    /// Computes the gradient with respect to the input.
    public func backward(_ gradient: Batch) -> Batch {
        guard let output else { preconditionFailure("backward was called without forward") }
        if !store.keepsInputs { self.output = nil }
        return output.leakyGradient(gradient, slope: slope, context)
    }
}
