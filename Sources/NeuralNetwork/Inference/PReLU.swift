import CKernels

/// Keeps positive numbers and multiplies the others by a learned slope, as `torch.nn.PReLU`.
public struct PReLU: Sendable {
    /// `[1]`, one slope for all channels, or `[channels]`.
    public var weight: Tensor

    /// Makes a layer out of its slopes.
    public init(weight: Tensor) {
        precondition(weight.shape.count == 1 && weight.count > 0, "slopes are a list")
        self.weight = weight
    }

    /// The slope of each of `channels` channels.
    public func slopes(channels: Int) -> [Float] {
        weight.count == 1 ? [Float](repeating: weight.values[0], count: channels) : weight.values
    }

    /// Applies the layer to an image `[channels, height, width]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        precondition(
            input.shape.count == 3 && (weight.count == 1 || weight.count == input.shape[0]), "the slopes do not fit")
        var output = input
        ck_prelu_f32(
            &output.values, input.shape[0], input.shape[1] * input.shape[2], weight.values, weight.count == 1 ? 0 : 1)
        return output
    }
}
