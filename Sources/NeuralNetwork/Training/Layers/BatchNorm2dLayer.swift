import CKernels

/// Normalises each channel, like `torch.nn.BatchNorm2d`, and optionally applies the leaky ReLU or single-slope PReLU
/// that follows.
///
/// The layer uses the batch's statistics while its store's `isTraining` is true, and the running statistics otherwise.
/// The activation is fused into the normalisation, so it needs no separate pass over memory.
public final class BatchNorm2dLayer: Layer {
    /// The scale of each channel.
    public let weight: Parameter
    /// The offset of each channel.
    public let bias: Parameter
    /// The running mean of each channel.
    public let runningMean: Parameter
    /// The running variance of each channel.
    public let runningVariance: Parameter
    /// The slope of the fused PReLU, `[1]`; nil if there is none.
    public let slope: Parameter?
    /// The weight of the current batch in the running statistics.
    public var momentum: Double
    /// Added to the variance before the square root.
    public let epsilon: Double

    private let store: ParameterStore
    private let context: ComputeContext
    private let channels: Int
    private var input: Batch?
    /// The statistics and coefficients of the last forward pass.
    private let mean: AlignedBuffer
    private var inverseDeviation: [Double]
    private let scale: AlignedBuffer
    private let shift: AlignedBuffer
    private var norm: ck_norm
    private var usedBatchStatistics = false

    /// Declares the entries `name.weight`, `name.bias`, `name.running_mean` and `name.running_var`.
    ///
    /// - Parameters:
    ///   - slope: The slope of the leaky ReLU that follows; 1 for none.
    ///   - prelu: The name of the PReLU that follows, whose `prelu.weight` is declared too; use this parameter instead
    ///     of `slope`.
    public init(
        _ name: String, channels: Int, momentum: Double = 0.1, epsilon: Double = 1e-5, slope: Float = 1,
        prelu: String? = nil, store: ParameterStore, context: ComputeContext
    ) {
        self.store = store
        self.context = context
        self.channels = channels
        self.momentum = momentum
        self.epsilon = epsilon
        weight = store.addParameter("\(name).weight", shape: [channels])
        bias = store.addParameter("\(name).bias", shape: [channels])
        runningMean = store.addStatistic("\(name).running_mean", shape: [channels])
        runningVariance = store.addStatistic("\(name).running_var", shape: [channels])
        self.slope = prelu.map { store.addParameter("\($0).weight", shape: [1]) }
        mean = AlignedBuffer(count: channels)
        inverseDeviation = [Double](repeating: 0, count: channels)
        (scale, shift) = (AlignedBuffer(count: channels), AlignedBuffer(count: channels))
        norm = ck_norm(scale: scale.start, shift: shift.start, slope: slope)
    }

    /// Normalises a batch. In training mode it also updates the running statistics, with the unbiased variance like
    /// PyTorch.
    public func forward(_ input: Batch) -> Batch {
        precondition(input.channels == channels, "the input has the wrong number of channels")
        self.input = input
        usedBatchStatistics = store.isTraining
        if usedBatchStatistics {
            takeStatistics(of: input)
        } else {
            for channel in 0..<channels {
                mean.start[channel] = runningMean.values[channel]
                inverseDeviation[channel] = 1 / (Double(runningVariance.values[channel]) + epsilon).squareRoot()
            }
        }
        for channel in 0..<channels {
            let factor = Double(weight.values[channel]) * inverseDeviation[channel]
            scale.start[channel] = Float(factor)
            shift.start[channel] = Float(Double(bias.values[channel]) - Double(mean.start[channel]) * factor)
        }
        if let slope { norm.slope = slope.values[0] }
        let output = input.sibling(context)
        context.pass(overPixelsOf: input) { range in
            let offset = range.lowerBound * channels
            withUnsafePointer(to: norm) {
                context.passes.norm($0, input.start + offset, range.count, channels, output.start + offset)
            }
        }
        return output
    }

    private func takeStatistics(of input: Batch) {
        let count = Double(input.pixels)
        // The sums and the sums of squares of a range are computed together, while its pixels are in the cache. Squared
        // deviations from the range's own mean are summed in single precision and then converted to sums of squares in
        // double precision.
        let sums = context.sums(over: input.pixels, width: 2 * channels) { range, sums in
            let (start, pixels) = (input.start + range.lowerBound * channels, Double(range.count))
            context.passes.channel_sums(start, range.count, channels, sums)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: channels) { means in
                for channel in 0..<channels { means.initializeElement(at: channel, to: Float(sums[channel] / pixels)) }
                context.passes.channel_squares(start, means.baseAddress, range.count, channels, sums + channels)
                for channel in 0..<channels {
                    let mean = Double(means[channel])
                    sums[channels + channel] += mean * (2 * sums[channel] - pixels * mean)
                }
            }
        }
        for channel in 0..<channels {
            let average = sums[channel] / count
            let squares = max(0, sums[channels + channel] - count * average * average)
            mean.start[channel] = Float(average)
            inverseDeviation[channel] = 1 / (squares / count + epsilon).squareRoot()
            let unbiased = squares / max(1, count - 1)
            let (oldMean, oldVariance) = (
                Double(runningMean.values[channel]), Double(runningVariance.values[channel])
            )
            runningMean.values[channel] = Float(oldMean + momentum * (average - oldMean))
            runningVariance.values[channel] = Float(oldVariance + momentum * (unbiased - oldVariance))
        }
    }

    /// Computes the gradients with respect to scale, offset, slope and input.
    public func backward(_ gradient: Batch) -> Batch {
        guard let input else { preconditionFailure("backward was called without forward") }
        if !store.keepsInputs { self.input = nil }
        let moments = context.sums(over: input.pixels, width: 3 * channels) { range, sums in
            let offset = range.lowerBound * channels
            withUnsafePointer(to: norm) {
                context.passes.norm_moments(
                    $0, input.start + offset, mean.start, gradient.start + offset, range.count, channels, sums,
                    sums + channels, sums + 2 * channels)
            }
        }
        let count = Double(input.pixels)
        let (factors, offsets) = (AlignedBuffer(count: channels), AlignedBuffer(count: channels))
        for channel in 0..<channels {
            let (sum, product) = (moments[channel], moments[channels + channel])
            let deviation = inverseDeviation[channel]
            if !store.isFrozen {
                weight.gradients[channel] += Float(product * deviation)
                bias.gradients[channel] += Float(sum)
            }
            guard usedBatchStatistics else { continue }
            // The batch's mean and standard deviation depend on the input too, so they contribute to the input
            // gradient.
            let slope = Double(weight.values[channel]) * deviation
            factors.start[channel] = Float(-slope * deviation * deviation * product / count)
            offsets.start[channel] = Float(-slope * sum / count)
        }
        if let slope, !store.isFrozen { slope.gradients[0] += Float(moments[(2 * channels)...].reduce(0, +)) }
        let result = input.sibling(context)
        context.pass(overPixelsOf: input) { range in
            let offset = range.lowerBound * channels
            withUnsafePointer(to: norm) {
                context.passes.norm_gradient(
                    $0, input.start + offset, mean.start, gradient.start + offset, factors.start, offsets.start,
                    range.count, channels, result.start + offset)
            }
        }
        return result
    }
}
