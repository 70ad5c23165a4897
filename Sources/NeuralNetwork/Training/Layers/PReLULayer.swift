/// Multiplies negative values by a learned slope, like `torch.nn.PReLU`.
public final class PReLULayer: Layer {
    /// The slopes: `[1]` for one slope shared by all channels, or `[channels]`.
    public let weight: Parameter

    private let store: ParameterStore
    private let context: ComputeContext
    private var input: Batch?
    private var slopes = AlignedBuffer(count: 0)

    /// Declares `name.weight`.
    ///
    /// - Parameter slopes: 1, or the number of channels.
    public init(_ name: String, slopes: Int = 1, store: ParameterStore, context: ComputeContext) {
        self.store = store
        self.context = context
        weight = store.addParameter("\(name).weight", shape: [slopes])
    }

    /// Applies the layer.
    public func forward(_ input: Batch) -> Batch {
        let channels = input.channels
        precondition(weight.count == 1 || weight.count == channels, "the number of slopes is wrong")
        self.input = input
        if slopes.count != channels { slopes = AlignedBuffer(count: channels) }
        for channel in 0..<channels { slopes.start[channel] = weight.values[weight.count == 1 ? 0 : channel] }
        return input.rectified(slopes: slopes.start, context)
    }

    /// Computes the gradients with respect to slopes and input.
    public func backward(_ gradient: Batch) -> Batch {
        guard let input else { preconditionFailure("backward was called without forward") }
        if !store.keepsInputs { self.input = nil }
        let channels = input.channels
        let result = input.sibling(context)
        let sums = context.sums(over: input.pixels, width: channels) { range, sums in
            let offset = range.lowerBound * channels
            context.passes.prelu_gradient(
                input.start + offset, slopes.start, gradient.start + offset, range.count, channels,
                result.start + offset, sums)
        }
        if !store.isFrozen {
            if weight.count == 1 {
                weight.gradients[0] += Float(sums.reduce(0, +))
            } else {
                for channel in 0..<channels { weight.gradients[channel] += Float(sums[channel]) }
            }
        }
        return result
    }
}
