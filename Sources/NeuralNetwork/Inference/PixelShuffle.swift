import CKernels

/// Rearranges channels into space, like `torch.nn.PixelShuffle`.
public struct PixelShuffle: Sendable {
    /// The upscaling factor of width and height.
    public let factor: Int

    /// Makes a layer that upscales by `factor`.
    public init(factor: Int) {
        precondition(factor > 0)
        self.factor = factor
    }

    /// Rearranges `[channels * factor * factor, height, width]` to `[channels, height * factor, width * factor]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        precondition(
            input.shape.count == 3 && input.shape[0] % (factor * factor) == 0,
            "the channel count is not a multiple of the squared factor")
        let channels = input.shape[0] / (factor * factor)
        return Tensor(shape: [channels, input.shape[1] * factor, input.shape[2] * factor]) { values in
            ck_pixel_shuffle_f32(input.values, channels, input.shape[1], input.shape[2], factor, values)
        }
    }
}
