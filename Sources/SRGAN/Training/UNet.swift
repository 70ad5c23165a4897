import NeuralNetwork

/// The layers of Real-ESRGAN's discriminator (Wang et al., arXiv 2107.10833): a U-Net, whose inner convolutions have
/// spectral normalisation. It scores each pixel of an image, from its surroundings at four scales.
///
/// Parameters have the names of `UNetDiscriminatorSN` in BasicSR.
final class UNet: Layer {
    private let first: Conv2dLayer
    private let down: [SpectralConv2dLayer]
    private let up: [(upsampling: BilinearUpsamplingLayer, convolution: SpectralConv2dLayer)]
    private let last: Sequential
    private let context: ComputeContext

    init(channels: Int, slope: Float, builder: inout NetworkBuilder) {
        context = builder.context
        first = builder.conv2d("conv0", inputs: 3, outputs: channels, slope: slope)
        down = (0..<3).map { level in
            builder.spectralConv2d(
                "conv\(1 + level)", inputs: channels << level, outputs: channels << (level + 1), kernel: 4, stride: 2,
                slope: slope)
        }
        up = (0..<3).map { level in
            (
                BilinearUpsamplingLayer(context: builder.context),
                builder.spectralConv2d(
                    "conv\(4 + level)", inputs: channels << (3 - level), outputs: channels << (2 - level), slope: slope)
            )
        }
        let conv7 = builder.spectralConv2d("conv7", inputs: channels, outputs: channels, slope: slope)
        let conv8 = builder.spectralConv2d("conv8", inputs: channels, outputs: channels, slope: slope, after: conv7)
        last = Sequential([conv7, conv8, builder.conv2d("conv9", inputs: channels, outputs: 1)])
    }

    /// Scores each pixel: `[N, 3, H, W]` to `[N, 1, H, W]`; sides must be multiples of 8.
    func forward(_ input: Batch) -> Batch {
        precondition(input.width % 8 == 0 && input.height % 8 == 0, "the sides must be multiples of 8")
        var skipped = [first.forward(input)]
        for layer in down { skipped.append(layer.forward(skipped.last!)) }
        var features = skipped.removeLast()
        for layers in up {
            features = layers.convolution.forward(layers.upsampling.forward(features))
                .adding(skipped.removeLast(), context)
        }
        return last.forward(features)
    }

    func backward(_ gradient: Batch) -> Batch {
        var gradient = last.backward(gradient)
        // The gradients of the features that skip the lower levels, from the upper to the lower ones.
        var skipped: [Batch] = []
        for layers in up.reversed() {
            skipped.append(gradient)
            gradient = layers.upsampling.backward(layers.convolution.backward(gradient))
        }
        for (layer, skip) in zip(down, skipped).reversed() {
            gradient = layer.backward(gradient).adding(skip, context)
        }
        return first.backward(gradient)
    }
}
