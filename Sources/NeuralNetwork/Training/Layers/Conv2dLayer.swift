import CKernels

/// A convolution with a square kernel, zero padding and a bias, in both directions, as `torch.nn.Conv2d`; with a slope together
/// with the `torch.nn.LeakyReLU` that follows it, which then costs no pass of its own forwards, nor backwards if the next
/// convolution knows of it.
public final class Conv2dLayer: Layer {
    /// `[outputs, inputs, kernel, kernel]`.
    public let weight: Parameter
    /// `[outputs]`.
    public let bias: Parameter
    /// Whether nobody asks for the gradient by the input, so that `backward` returns what it likes.
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
    /// Kept where an activation is part of the layer and of no other one.
    private var output: Batch?
    /// The slope of the activation that gave the input and whose gradient this layer computes too.
    private let inputSlope: Float?
    /// Whether the gradient that comes back is already that by the activation's input.
    private var getsRectifiedGradient = false
    private let isNormalized: Bool

    /// Declares the parameters `name.weight` and `name.bias`.
    ///
    /// - Parameters:
    ///   - slope: What the activation after the convolution multiplies negative numbers by, 0 or more; nil for none.
    ///   - previous: A convolution with a slope whose output, perhaps with a pooling between, is the input of this one and of
    ///     nothing else. This one then computes the gradient of that activation as well, while it writes the numbers anyway.
    ///   - isNormalized: Whether a normalisation follows. It takes each channel's mean away, so that while it trains the bias has
    ///     no effect and its gradient is zero; what sums would give is rounding.
    ///   - isFirst: Whether nobody ever asks for the gradient by the input.
    public init(
        _ name: String, inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, padding: Int, slope: Float? = nil,
        after previous: Conv2dLayer? = nil, isNormalized: Bool = false, isFirst: Bool = false, store: ParameterStore,
        context: ComputeContext
    ) {
        precondition(padding < kernel, "a padding as wide as the kernel sees only zeros")
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
        let isFiltered = ConvolutionPass.isFiltered(
            inputs: outputs, outputs: inputs, kernel: kernel, stride: stride, padding: padding)
        inputPass =
            isFirst || stride > 1 && !isFiltered
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

    /// Brings the weights of many layers into the kernels' order, of those whose weights have changed.
    public static func pack(_ layers: [Conv2dLayer], context: ComputeContext) {
        // The largest ones first: at the end a thread then waits for a small one.
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

    /// Convolves.
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

    /// Computes the gradients by weights, bias and input.
    public func backward(_ gradient: Batch) -> Batch {
        guard let input else { preconditionFailure("backward follows forward") }
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
