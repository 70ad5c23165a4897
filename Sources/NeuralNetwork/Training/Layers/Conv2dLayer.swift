import CKernels

/// A convolution with a square kernel, zero padding and a bias, like `torch.nn.Conv2d`, and optionally the
/// `torch.nn.LeakyReLU` that follows.
///
/// The fused activation needs no separate pass over memory in `forward`. In `backward` it needs none if the next
/// convolution is created with this layer as its `after` argument.
public final class Conv2dLayer: Layer {
    /// The weights, `[outputs, inputs, kernel, kernel]`.
    public let weight: Parameter
    /// The bias of each output channel, `[outputs]`.
    public let bias: Parameter
    /// True when the gradient with respect to the input is not needed; the result of `backward` is then undefined.
    public var omitsInputGradient: Bool

    private let store: ParameterStore
    private let context: ComputeContext
    private let forwardPass: ConvolutionPass
    private let inputPass: ConvolutionPass?
    private let stridedPass: StridedInputPass?
    private let weightPass: WeightGradientPass
    private let zeros: AlignedBuffer
    private let slopes: AlignedBuffer?
    private var packedVersion = -1
    private var input: Batch?
    /// The last output; kept only if this layer applies the gradient of its own activation.
    private var output: Batch?
    /// The slope of the leaky ReLU before this layer, if this layer applies its gradient; otherwise nil.
    private let inputSlope: Float?
    /// True when the next layer applies the gradient of this layer's activation; this layer's `backward` then leaves it
    /// out.
    private var getsRectifiedGradient = false
    private let isNormalized: Bool

    /// Declares the parameters `name.weight` and `name.bias`.
    ///
    /// - Parameters:
    ///   - slope: The slope of the leaky ReLU that follows, 0 or more; nil for none.
    ///   - previous: A convolution with a leaky ReLU. Its output, possibly after a pooling, must be the input of this
    ///     layer and of no other layer. This layer then also applies the gradient of that activation while it writes
    ///     the input gradient.
    ///   - isNormalized: True when a batch normalisation follows. It subtracts each channel's mean, so in training the
    ///     bias has no effect and its gradient is exactly zero; computing the gradient would only give rounding errors.
    ///   - isFirst: True when the gradient with respect to the input is never needed.
    public init(
        _ name: String, inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, padding: Int, slope: Float? = nil,
        after previous: Conv2dLayer? = nil, isNormalized: Bool = false, isFirst: Bool = false, store: ParameterStore,
        context: ComputeContext
    ) {
        precondition(padding < kernel, "the padding must be smaller than the kernel")
        self.store = store
        self.context = context
        omitsInputGradient = isFirst
        self.isNormalized = isNormalized
        inputSlope = previous?.slopes?.start[0]
        slopes = slope.map { AlignedBuffer([Float](repeating: $0, count: outputs)) }
        weight = store.addParameter("\(name).weight", shape: [outputs, inputs, kernel, kernel])
        bias = store.addParameter("\(name).bias", shape: [outputs])
        forwardPass = ConvolutionPass(
            inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding)
        let isWinograd = ConvolutionPass.isWinograd(
            inputs: outputs, outputs: inputs, kernel: kernel, stride: stride, padding: padding)
        inputPass =
            isFirst || stride > 1 && !isWinograd
            ? nil
            : ConvolutionPass(
                inputs: outputs, outputs: inputs, kernel: kernel, stride: stride, padding: kernel - 1 - padding,
                isGradient: true)
        stridedPass =
            isFirst || inputPass != nil
            ? nil
            : StridedInputPass(inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding)
        weightPass = WeightGradientPass(
            inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding)
        zeros = AlignedBuffer(count: inputs)
        previous?.getsRectifiedGradient = true
    }

    /// Packs the weights of those layers whose weights have changed, in parallel.
    public static func pack(_ layers: [Conv2dLayer], context: ComputeContext) {
        // The largest layers come first: if a thread has to wait for the last layers, these are small.
        let stale = layers.filter { $0.packedVersion != $0.store.version }.sorted { $0.weight.count > $1.weight.count }
        context.threads.run(2 * stale.count) { item, _ in
            if item % 2 == 0 { stale[item / 2].packForward() } else { stale[item / 2].packBackward() }
        }
        for layer in stale { layer.packedVersion = layer.store.version }
    }

    private func packForward() {
        forwardPass.pack(weight.values, kernels: context.kernels)
    }

    private func packBackward() {
        inputPass?.pack(weight.values, kernels: context.kernels)
        stridedPass?.pack(weight.values)
    }

    /// Convolves a batch.
    public func forward(_ input: Batch) -> Batch {
        Self.pack([self], context: context)
        self.input = input
        let output = Batch(
            context, count: input.count, channels: forwardPass.outputs, height: forwardPass.outputSide(input.height),
            width: forwardPass.outputSide(input.width))
        forwardPass(
            input, bias: bias.values, slopes: slopes.map { UnsafePointer($0.start) }, into: output, context: context)
        if slopes != nil, !getsRectifiedGradient { self.output = output }
        return output
    }

    /// Computes the gradients with respect to weights, bias and input.
    public func backward(_ gradient: Batch) -> Batch {
        guard let input else { preconditionFailure("backward was called without forward") }
        var gradient = gradient
        if let slopes, let output {
            gradient = output.leakyGradient(gradient, slope: slopes.start[0], context)
        }
        if !store.keepsInputs { (self.input, output) = (nil, nil) }
        if !store.isFrozen {
            weightPass(input: input, gradient: gradient, into: weight.gradients, context: context)
            if !isNormalized || !store.isTraining { addBiasGradient(gradient) }
        }
        guard !omitsInputGradient, inputPass != nil || stridedPass != nil else { return gradient }
        let result = input.sibling(context)
        inputPass?(
            gradient, bias: zeros.start, into: result, rectifier: inputSlope.map { (input, $0) }, context: context)
        if let stridedPass {
            stridedPass(gradient, into: result, context: context)
            if let inputSlope { input.leakyGradient(result, slope: inputSlope, into: result, context) }
        }
        return result
    }

    private func addBiasGradient(_ gradient: Batch) {
        let channels = gradient.channels
        let sums = context.sums(over: gradient.pixels, width: channels) { range, sums in
            context.passes.channel_sums(gradient.start + range.lowerBound * channels, range.count, channels, sums)
        }
        for channel in 0..<channels { bias.gradients[channel] += Float(sums[channel]) }
    }
}
