/// Keeps positive numbers and multiplies the others by a fixed slope, as `torch.nn.LeakyReLU`; with 0 it is `torch.nn.ReLU`.
///
/// After a convolution or a normalisation it is better a part of that layer, which then costs no pass of its own.
public final class LeakyReLULayer: Layer {
    /// What negative numbers are multiplied by; 0 or more.
    public let slope: Float

    private let store: ParameterStore
    private let context: ComputeContext
    private var output: Batch?

    /// Makes a layer of a given slope in the network of `store`.
    public init(slope: Float, store: ParameterStore, context: ComputeContext) {
        precondition(slope >= 0, "the output tells the sign of the input")
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

    /// Computes the gradient by the input.
    public func backward(_ gradient: Batch) -> Batch {
        guard let output else { preconditionFailure("backward follows forward") }
        if !store.keepsInputs { self.output = nil }
        return output.leakyGradient(gradient, slope: slope, context)
    }
}
