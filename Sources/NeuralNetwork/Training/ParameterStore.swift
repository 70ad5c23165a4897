import Foundation

/// The parameters of a network, their gradients and its running statistics, each in one piece of memory.
///
/// A network first declares everything, in order; the first access to a number fixes the layout.
public final class ParameterStore: @unchecked Sendable {
    // Invariant: belongs to the one thread that trains the network.

    /// Where an entry lies.
    public struct Entry: Sendable {
        /// The entry's name in a state dict.
        public let name: String
        /// Its shape, as PyTorch has it.
        public let shape: [Int]
        let offset: Int
        var count: Int { shape.reduce(1, *) }
    }

    /// The parameters, in the order of their declaration.
    public private(set) var parameters: [Entry] = []
    /// What a network carries along without learning it by gradients: running statistics.
    public private(set) var statistics: [Entry] = []

    /// Whether batch normalisation uses the batch's own statistics and updates the running ones.
    public var isTraining = true
    /// Whether layers leave out the gradients of the parameters and hand on only those of their inputs.
    public var isFrozen = false
    /// Whether `backward` leaves with the layers what `forward` kept, so that the same output can be led back once more; it takes
    /// memory until the next `forward`.
    public var keepsInputs = false

    /// Counts the changes of the parameters, so that layers know when their packed weights are old.
    public private(set) var version = 0

    /// All parameters.
    public private(set) lazy var values = AlignedBuffer(count: parameterCount)
    /// The gradients of all parameters.
    public private(set) lazy var gradients = AlignedBuffer(count: parameterCount)
    /// All statistics.
    public private(set) lazy var statisticValues = AlignedBuffer(count: statisticCount)

    private var isLaidOut = false
    private var parameterTotal = 0
    private var statisticTotal = 0

    /// Starts without entries.
    public init() {}

    /// How many numbers are learned.
    public var parameterCount: Int {
        isLaidOut = true
        return parameterTotal
    }

    private var statisticCount: Int {
        isLaidOut = true
        return statisticTotal
    }

    /// Declares a parameter.
    public func addParameter(_ name: String, shape: [Int]) -> Parameter {
        precondition(!isLaidOut, "parameters are declared before the first use")
        parameters.append(Entry(name: name, shape: shape, offset: parameterTotal))
        parameterTotal += parameters.last!.count
        return Parameter(store: self, entry: parameters.last!, isStatistic: false)
    }

    /// Declares a running statistic.
    public func addStatistic(_ name: String, shape: [Int]) -> Parameter {
        precondition(!isLaidOut, "statistics are declared before the first use")
        statistics.append(Entry(name: name, shape: shape, offset: statisticTotal))
        statisticTotal += statistics.last!.count
        return Parameter(store: self, entry: statistics.last!, isStatistic: true)
    }

    /// Says that parameters have changed.
    public func touch() { version += 1 }

    /// Sets all gradients to zero.
    public func zeroGradients() {
        memset(gradients.start, 0, gradients.count * MemoryLayout<Float>.stride)
    }

    /// Shortens the gradient, all parameters' taken as one vector, to `norm` where it is longer, as
    /// `torch.nn.utils.clip_grad_norm_`.
    ///
    /// - Returns: The length that it had.
    @discardableResult
    public func clipGradients(norm: Double) -> Double {
        let numbers = UnsafeMutableBufferPointer(start: gradients.start, count: gradients.count)
        // Lanes of their own let the compiler use vectors; the order of the sum is fixed all the same.
        var lanes = SIMD8<Double>.zero
        var i = 0
        while i + 8 <= numbers.count {
            var lane = SIMD8<Double>.zero
            for k in 0..<8 { lane[k] = Double(numbers[i + k]) }
            lanes += lane * lane
            i += 8
        }
        while i < numbers.count {
            lanes[0] += Double(numbers[i]) * Double(numbers[i])
            i += 1
        }
        let length = lanes.sum().squareRoot()
        if length > norm {
            let factor = Float(norm / (length + 1e-6))
            for i in numbers.indices { numbers[i] *= factor }
        }
        return length
    }

    /// A copy of everything by name.
    public var tensors: [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for (entries, buffer) in [(parameters, values), (statistics, statisticValues)] {
            for entry in entries {
                tensors[entry.name] = Tensor(shape: entry.shape) {
                    $0.update(from: buffer.start + entry.offset, count: entry.count)
                }
            }
        }
        return tensors
    }

    /// A copy of the gradients by their parameters' names.
    public var gradientTensors: [String: Tensor] {
        Dictionary(
            uniqueKeysWithValues: parameters.map { entry in
                (
                    entry.name,
                    Tensor(shape: entry.shape) {
                        $0.update(from: gradients.start + entry.offset, count: entry.count)
                    }
                )
            })
    }

    /// Takes every entry out of a state dict.
    ///
    /// - Throws: `missingKey` or `wrongShape`; nothing has changed then.
    public func load(_ state: inout StateDict) throws(NeuralNetworkError) {
        var loaded: [(UnsafeMutablePointer<Float>, Tensor)] = []
        for entry in parameters {
            loaded.append((values.start + entry.offset, try state.take(entry.name, shape: entry.shape)))
        }
        for entry in statistics {
            loaded.append((statisticValues.start + entry.offset, try state.take(entry.name, shape: entry.shape)))
        }
        for (place, tensor) in loaded { place.update(from: tensor.values, count: tensor.count) }
        touch()
    }
}

/// A layer's view of one entry of a store.
public struct Parameter {
    private unowned let store: ParameterStore
    private let entry: ParameterStore.Entry
    private let isStatistic: Bool

    init(store: ParameterStore, entry: ParameterStore.Entry, isStatistic: Bool) {
        self.store = store
        self.entry = entry
        self.isStatistic = isStatistic
    }

    /// How many numbers there are.
    public var count: Int { entry.count }
    /// The shape, as PyTorch has it.
    public var shape: [Int] { entry.shape }
    /// The numbers.
    public var values: UnsafeMutablePointer<Float> {
        (isStatistic ? store.statisticValues : store.values).start + entry.offset
    }
    /// Their gradients; a statistic has none.
    public var gradients: UnsafeMutablePointer<Float> {
        precondition(!isStatistic, "a statistic has no gradient")
        return store.gradients.start + entry.offset
    }

    /// Sets every number.
    public func fill(_ value: Float) { values.update(repeating: value, count: count) }
}
