/// The exponential moving average of a network's parameters, with its current running statistics.
///
/// Averaged weights are those that are evaluated and written: they lack the last steps' noise.
public final class ParameterAverage {
    /// How much the average keeps at each step.
    public let decay: Double

    private let store: ParameterStore
    private let context: ComputeContext
    private let average: AlignedBuffer

    /// Starts with the parameters as they are.
    public init(_ store: ParameterStore, decay: Double, context: ComputeContext) {
        precondition(decay >= 0 && decay < 1, "the decay is a share")
        self.decay = decay
        self.store = store
        self.context = context
        average = AlignedBuffer(count: store.parameterCount)
        average.start.update(from: store.values.start, count: average.count)
    }

    /// Takes the present parameters in.
    public func update() {
        let values = store.values.start
        context.pass(over: average.count) { range in
            context.passes.average(
                average.start + range.lowerBound, values + range.lowerBound, Float(1 - decay), range.count)
        }
    }

    /// Exchanges the average and the parameters; a second call undoes the first.
    public func swap() {
        for i in 0..<average.count {
            (average.start[i], store.values.start[i]) = (store.values.start[i], average.start[i])
        }
        store.touch()
    }

    /// The averaged numbers, for a checkpoint.
    public var tensor: Tensor {
        Tensor(shape: [average.count]) { $0.update(from: average.start, count: average.count) }
    }

    /// Goes on from a checkpoint.
    public func restore(_ tensor: Tensor) {
        precondition(tensor.count == average.count, "the average does not fit")
        average.start.update(from: tensor.values, count: tensor.count)
    }
}
