import CKernels
import Foundation

/// The Adam optimiser (arXiv 1412.6980) for all parameters of a store, like `torch.optim.Adam`.
public final class Adam {
    /// The learning rate of the next step.
    public var learningRate: Double
    /// The decay rate of the first moment.
    public let beta1: Double
    /// The decay rate of the second moment.
    public let beta2: Double
    /// Added to the square root of the second moment.
    public let epsilon: Double
    /// The L2 penalty: this multiple of a parameter is added to its gradient.
    public let weightDecay: Double

    /// The number of steps taken.
    public private(set) var stepCount = 0

    private let store: ParameterStore
    private let context: ComputeContext
    private let first: AlignedBuffer
    private let second: AlignedBuffer

    /// Starts with zero moments.
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

    /// Updates the parameters from their gradients.
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

    /// Copies of the first and second moments in the order of the parameters, for a checkpoint.
    public var moments: (first: Tensor, second: Tensor) {
        func copy(_ buffer: AlignedBuffer) -> Tensor {
            Tensor(shape: [buffer.count]) { $0.update(from: buffer.start, count: buffer.count) }
        }
        return (copy(first), copy(second))
    }

    /// Continues from a checkpoint.
    public func restore(first: Tensor, second: Tensor, stepCount: Int) {
        precondition(
            first.count == self.first.count && second.count == self.second.count, "the moments have the wrong size")
        self.first.start.update(from: first.values, count: first.count)
        self.second.start.update(from: second.values, count: second.count)
        self.stepCount = stepCount
    }
}
