import CKernels

/// A pixel shuffle by 2 followed by a convolution: `torch.nn.PixelShuffle(2)`, then `torch.nn.Conv2d` with an odd
/// kernel size of at most 9 and padding `kernel / 2`.
///
/// The layer runs the two steps in the opposite order: an equivalent 5 x 5 convolution, then the shuffle. The
/// equivalent convolution has four times the input and output channels at a quarter of the positions, and its size
/// suits the Winograd kernels. The original convolution has so few output channels that they would leave the
/// processor's vectors mostly empty.
public final class ShuffledConv2dLayer: Layer {
    /// The weights of the convolution after the shuffle, `[outputs, inputs, kernel, kernel]`.
    public let weight: Parameter
    /// The bias of each output channel, `[outputs]`.
    public let bias: Parameter

    private let store: ParameterStore
    private let context: ComputeContext
    private let inputs: Int
    private let outputs: Int
    private let kernel: Int
    /// The parameters of the equivalent convolution `folded`, computed from this layer's parameters.
    private let foldedStore = ParameterStore()
    private let folded: Conv2dLayer
    private var foldedVersion = -1

    /// Declares the parameters `name.weight` and `name.bias`.
    ///
    /// - Parameter inputs: The number of channels after the shuffle.
    public init(
        _ name: String, inputs: Int, outputs: Int, kernel: Int, store: ParameterStore, context: ComputeContext
    ) {
        precondition(kernel % 2 == 1 && kernel <= 9, "the kernel must be odd and at most 9")
        (self.inputs, self.outputs, self.kernel) = (inputs, outputs, kernel)
        self.store = store
        self.context = context
        weight = store.addParameter("\(name).weight", shape: [outputs, inputs, kernel, kernel])
        bias = store.addParameter("\(name).bias", shape: [outputs])
        let panel = Int(CK_PANEL)
        folded = Conv2dLayer(
            name, inputs: 4 * inputs, outputs: (4 * outputs + panel - 1) / panel * panel, kernel: 5, padding: 2,
            store: foldedStore, context: context)
    }

    private func fold() {
        guard foldedVersion != store.version else { return }
        foldedVersion = store.version
        ck_fold_shuffle_f32(weight.values, outputs, inputs, kernel, folded.bias.count, folded.weight.values)
        for place in 0..<4 * outputs { folded.bias.values[place] = bias.values[place / 4] }
        foldedStore.touch()
    }

    /// Shuffles `[N, 4 * inputs, H, W]` and convolves: `[N, outputs, 2 * H, 2 * W]`.
    public func forward(_ input: Batch) -> Batch {
        fold()
        let wide = folded.forward(input)
        let output = Batch(
            context, count: input.count, channels: outputs, height: 2 * input.height, width: 2 * input.width)
        context.threads.run(input.count) { sample, _ in
            ck_shuffle_pixels_f32(
                wide.start + sample * wide.imageCount, wide.channels, wide.height, wide.width, outputs, 2,
                output.start + sample * output.imageCount)
        }
        return output
    }

    /// Computes the gradients with respect to weights, bias and input.
    public func backward(_ gradient: Batch) -> Batch {
        let wide = Batch(
            context, count: gradient.count, channels: folded.bias.count, height: gradient.height / 2,
            width: gradient.width / 2)
        context.threads.run(gradient.count) { sample, _ in
            ck_unshuffle_pixels_f32(
                gradient.start + sample * gradient.imageCount, wide.height, wide.width, outputs, 2,
                wide.start + sample * wide.imageCount, wide.channels)
        }
        (foldedStore.isFrozen, foldedStore.keepsInputs) = (store.isFrozen, store.keepsInputs)
        foldedStore.zeroGradients()
        let result = folded.backward(wide)
        if !store.isFrozen {
            ck_add_folded_f32(folded.weight.gradients, outputs, inputs, kernel, weight.gradients)
            for place in 0..<4 * outputs { bias.gradients[place / 4] += folded.bias.gradients[place] }
        }
        return result
    }
}
