/// Keeps positive numbers and multiplies the others by a learned slope, as `torch.nn.PReLU`.
public final class PReLULayer: Layer {
    /// `[1]`, one slope for all channels, or `[channels]`.
    public let weight: Parameter

    private let store: ParameterStore
    private let rectifier: Rectifier

    /// Declares `name.weight`.
    ///
    /// - Parameter slopes: 1, or the number of channels.
    public init(_ name: String, slopes: Int = 1, store: ParameterStore, context: ComputeContext) {
        self.store = store
        weight = store.addParameter("\(name).weight", shape: [slopes])
        rectifier = Rectifier(store: store, context: context)
    }

    /// Applies the layer.
    public func forward(_ input: Batch) -> Batch {
        precondition(weight.count == 1 || weight.count == input.channels, "the slopes do not fit")
        return rectifier.forward(input) { weight.values[weight.count == 1 ? 0 : $0] }
    }

    /// Computes the gradients by slopes and input.
    public func backward(_ gradient: Batch) -> Batch {
        let (result, sums) = rectifier.backward(gradient)
        if !store.isFrozen {
            if weight.count == 1 {
                weight.gradients[0] += Float(sums.reduce(0, +))
            } else {
                for channel in 0..<weight.count { weight.gradients[channel] += Float(sums[channel]) }
            }
        }
        return result
    }
}

/// Keeps positive numbers and multiplies the others by a fixed slope, as `torch.nn.LeakyReLU`; with 0 it is `torch.nn.ReLU`.
public final class LeakyReLULayer: Layer {
    /// What negative numbers are multiplied by.
    public let slope: Float

    private let rectifier: Rectifier

    /// Makes a layer of a given slope in the network of `store`.
    public init(slope: Float, store: ParameterStore, context: ComputeContext) {
        self.slope = slope
        rectifier = Rectifier(store: store, context: context)
    }

    /// Applies the layer.
    public func forward(_ input: Batch) -> Batch {
        rectifier.forward(input) { _ in slope }
    }

    /// Computes the gradient by the input.
    public func backward(_ gradient: Batch) -> Batch {
        rectifier.backward(gradient).input
    }
}

/// What the piecewise linear layers share.
private final class Rectifier {
    private let store: ParameterStore
    private let context: ComputeContext
    private var input: Batch?
    private var slopes = AlignedBuffer(count: 0)

    init(store: ParameterStore, context: ComputeContext) {
        self.store = store
        self.context = context
    }

    func forward(_ input: Batch, slope: (_ channel: Int) -> Float) -> Batch {
        self.input = input
        let channels = input.channels
        if slopes.count != channels { slopes = AlignedBuffer(count: channels) }
        for channel in 0..<channels { slopes.start[channel] = slope(channel) }
        let output = input.sibling(context)
        context.pass(overPixelsOf: input) { range in
            context.passes.prelu(
                input.start + range.lowerBound * channels, slopes.start, range.count, channels,
                output.start + range.lowerBound * channels)
        }
        return output
    }

    func backward(_ gradient: Batch) -> (input: Batch, slopes: [Double]) {
        guard let input else { preconditionFailure("backward follows forward") }
        if !store.keepsInputs { self.input = nil }
        let channels = input.channels
        let result = input.sibling(context)
        let sums = context.sums(over: input.pixels, width: channels) { range, sums in
            let offset = range.lowerBound * channels
            context.passes.prelu_gradient(
                input.start + offset, slopes.start, gradient.start + offset, range.count, channels,
                result.start + offset, sums)
        }
        return (result, sums)
    }
}
