import CKernels

/// Doubles width and height by bilinear interpolation, like `torch.nn.Upsample(scale_factor=2, mode="bilinear")`.
public final class BilinearUpsamplingLayer: Layer {
    private let context: ComputeContext

    /// Makes a layer.
    public init(context: ComputeContext) {
        self.context = context
    }

    /// Interpolates `[N, C, H, W]` to `[N, C, 2 H, 2 W]`.
    public func forward(_ input: Batch) -> Batch {
        let output = Batch(
            context, count: input.count, channels: input.channels, height: 2 * input.height, width: 2 * input.width)
        context.threads.run(input.count) { sample, _ in
            ck_upsample_bilinear_f32(
                input.start + sample * input.imageCount, input.height, input.width, input.channels,
                output.start + sample * output.imageCount)
        }
        return output
    }

    /// Computes the gradient with respect to the input.
    public func backward(_ gradient: Batch) -> Batch {
        let result = Batch(
            context, count: gradient.count, channels: gradient.channels, height: gradient.height / 2,
            width: gradient.width / 2)
        context.threads.run(gradient.count) { sample, _ in
            ck_upsample_bilinear_gradient_f32(
                gradient.start + sample * gradient.imageCount, result.height, result.width, result.channels,
                result.start + sample * result.imageCount)
        }
        return result
    }
}
