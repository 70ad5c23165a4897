import Foundation

/// The parameters of a network, their gradients, and its running statistics, each in one contiguous buffer.
///
/// A network first declares all its entries in order. After the first access to a value, no further entry can be
/// declared.
public final class ParameterStore: @unchecked Sendable {
    // Invariant: used by one thread, which trains the network.

    /// The name, shape and position of a parameter or statistic.
    public struct Entry: Sendable {
        /// The entry's name in a state dict.
        public let name: String
        /// The entry's shape in PyTorch.
        public let shape: [Int]
        let offset: Int
        var count: Int { shape.reduce(1, *) }
    }

    /// The parameters in the order of their declaration.
    public private(set) var parameters: [Entry] = []
    /// The running statistics: state that is not learned by gradients.
    public private(set) var statistics: [Entry] = []

    /// True when batch normalisation uses the batch's statistics and updates the running ones.
    public var isTraining = true
    /// True when layers compute only input gradients, no parameter gradients.
    public var isFrozen = false
    /// True when `backward` does not release the data that `forward` kept, so that `backward` can be called again for
    /// the same output. The next `forward` releases the memory.
    public var keepsInputs = false

    /// The number of changes of the parameters. A layer packs its weights again when this number has changed.
    public private(set) var version = 0

    /// The values of all parameters.
    public private(set) lazy var values = AlignedBuffer(count: parameterCount)
    /// The gradients of all parameters.
    public private(set) lazy var gradients = AlignedBuffer(count: parameterCount)
    /// The values of all statistics.
    public private(set) lazy var statisticValues = AlignedBuffer(count: statisticCount)

    private var isLaidOut = false
    private var parameterTotal = 0
    private var statisticTotal = 0

    /// Makes an empty store.
    public init() {}

    /// The total number of learned values.
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
        precondition(!isLaidOut, "parameters must be declared before the first use")
        parameters.append(Entry(name: name, shape: shape, offset: parameterTotal))
        parameterTotal += parameters.last!.count
        return Parameter(store: self, entry: parameters.last!, isStatistic: false)
    }

    /// Declares a running statistic.
    public func addStatistic(_ name: String, shape: [Int]) -> Parameter {
        precondition(!isLaidOut, "statistics must be declared before the first use")
        statistics.append(Entry(name: name, shape: shape, offset: statisticTotal))
        statisticTotal += statistics.last!.count
        return Parameter(store: self, entry: statistics.last!, isStatistic: true)
    }

    /// Records that parameters have changed.
    public func touch() { version += 1 }

    /// Sets all gradients to zero.
    public func zeroGradients() {
        memset(gradients.start, 0, gradients.count * MemoryLayout<Float>.stride)
    }

    /// Scales all gradients so that their joint L2 norm is at most `norm`, like `torch.nn.utils.clip_grad_norm_`.
    ///
    /// - Returns: The norm before scaling.
    @discardableResult
    public func clipGradients(norm: Double) -> Double {
        let numbers = UnsafeMutableBufferPointer(start: gradients.start, count: gradients.count)
        // Eight separate sums allow the use of vector instructions; the order of summation is still fixed.
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

    /// Copies of all parameters and statistics by name.
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

    /// Copies of the gradients by parameter name.
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

    /// Loads every entry from a state dict.
    ///
    /// - Throws: `missingKey` or `wrongShape`; the store is then unchanged.
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

/// One entry of a store.
public struct Parameter {
    private unowned let store: ParameterStore
    private let entry: ParameterStore.Entry
    private let isStatistic: Bool

    init(store: ParameterStore, entry: ParameterStore.Entry, isStatistic: Bool) {
        self.store = store
        self.entry = entry
        self.isStatistic = isStatistic
    }

    /// The number of values.
    public var count: Int { entry.count }
    /// The entry's shape in PyTorch.
    public var shape: [Int] { entry.shape }
    /// The values.
    public var values: UnsafeMutablePointer<Float> {
        (isStatistic ? store.statisticValues : store.values).start + entry.offset
    }
    /// The gradients of a parameter; a statistic has none.
    public var gradients: UnsafeMutablePointer<Float> {
        precondition(!isStatistic, "a statistic has no gradient")
        return store.gradients.start + entry.offset
    }

    /// Sets all values.
    public func fill(_ value: Float) { values.update(repeating: value, count: count) }
}
