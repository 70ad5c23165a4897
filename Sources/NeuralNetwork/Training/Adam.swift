import CKernels
import Foundation

/// Adam (arXiv 1412.6980) over all parameters of a store, as `torch.optim.Adam`.
public final class Adam {
    /// The step's length.
    public var learningRate: Double
    /// How much the first moment keeps at each step.
    public let beta1: Double
    /// How much the second moment keeps at each step.
    public let beta2: Double
    /// What is added to the root of the second moment.
    public let epsilon: Double
    /// The share of a parameter that is added to its gradient.
    public let weightDecay: Double

    /// How many steps have been taken.
    public private(set) var stepCount = 0

    private let store: ParameterStore
    private let context: ComputeContext
    private let first: AlignedBuffer
    private let second: AlignedBuffer

    /// Starts with moments of zero.
    public init(
        _ store: ParameterStore, learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8, weightDecay: Double = 0, context: ComputeContext
    ) {
        self.store = store
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.context = context
        first = AlignedBuffer(count: store.parameterCount)
        second = AlignedBuffer(count: store.parameterCount)
    }

    /// Changes the parameters by their gradients.
    public func step() {
        stepCount += 1
        var settings = ck_adam(
            beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
            step_size: Float(learningRate / (1 - pow(beta1, Double(stepCount)))),
            root: Float((1 - pow(beta2, Double(stepCount))).squareRoot()), weight_decay: Float(weightDecay))
        let (values, gradients) = (store.values.start, store.gradients.start)
        withUnsafePointer(to: &settings) { settings in
            context.pass(over: store.parameterCount) { range in
                let offset = range.lowerBound
                context.passes.adam(
                    settings, values + offset, gradients + offset, first.start + offset, second.start + offset,
                    range.count)
            }
        }
        store.touch()
    }

    /// The moments, for a checkpoint: `first` and `second`, in the order of the parameters.
    public var moments: (first: Tensor, second: Tensor) {
        func copy(_ buffer: AlignedBuffer) -> Tensor {
            Tensor(shape: [buffer.count]) { $0.update(from: buffer.start, count: buffer.count) }
        }
        return (copy(first), copy(second))
    }

    /// Goes on from a checkpoint.
    public func restore(first: Tensor, second: Tensor, stepCount: Int) {
        precondition(first.count == self.first.count && second.count == self.second.count, "the moments do not fit")
        self.first.start.update(from: first.values, count: first.count)
        self.second.start.update(from: second.values, count: second.count)
        self.stepCount = stepCount
    }
}
