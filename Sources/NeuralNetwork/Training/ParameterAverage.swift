/// An exponential moving average of a network's parameters. The running statistics are not averaged.
///
/// The average contains less noise from the last training steps than the parameters themselves. Evaluation and saving
/// therefore use the averaged parameters, together with the network's current running statistics.
public final class ParameterAverage {
    /// The weight of the old average in an update; the current parameters have the weight `1 - decay`.
    public let decay: Double

    private let store: ParameterStore
    private let context: ComputeContext
    private let average: AlignedBuffer

    /// Starts with the current parameters.
    public init(_ store: ParameterStore, decay: Double, context: ComputeContext) {
        precondition(decay >= 0 && decay < 1, "the decay must be in [0, 1)")
        self.decay = decay
        self.store = store
        self.context = context
        average = AlignedBuffer(count: store.parameterCount)
        average.start.update(from: store.values.start, count: average.count)
    }

    /// Updates the average with the current parameters.
    public func update() {
        let values = store.values.start
        context.pass(over: average.count) { range in
            context.passes.average(
                average.start + range.lowerBound, values + range.lowerBound, Float(1 - decay), range.count)
        }
    }

    /// Exchanges the average with the parameters; a second call undoes the first.
    public func swap() {
        for i in 0..<average.count {
            (average.start[i], store.values.start[i]) = (store.values.start[i], average.start[i])
        }
        store.touch()
    }

    /// A copy of the average, for a checkpoint.
    public var tensor: Tensor {
        Tensor(shape: [average.count]) { $0.update(from: average.start, count: average.count) }
    }

    /// Continues from a checkpoint.
    public func restore(_ tensor: Tensor) {
        precondition(tensor.count == average.count, "the average has the wrong size")
        average.start.update(from: tensor.values, count: tensor.count)
    }
}
