import CKernels

/// Multiplies negative values by a learned slope, like `torch.nn.PReLU`.
public struct PReLU: Sendable {
    /// The slopes: `[1]` for one slope shared by all channels, or `[channels]`.
    public var weight: Tensor

    /// Makes a layer from its slopes.
    public init(weight: Tensor) {
        precondition(weight.shape.count == 1 && weight.count > 0, "the slopes must be one-dimensional")
        self.weight = weight
    }

    /// The slopes expanded to one per channel.
    public func slopes(channels: Int) -> [Float] {
        weight.count == 1 ? [Float](repeating: weight.values[0], count: channels) : weight.values
    }

    /// Applies the layer to an image, `[channels, height, width]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        precondition(
            input.shape.count == 3 && (weight.count == 1 || weight.count == input.shape[0]),
            "the number of slopes is wrong")
        var output = input
        ck_prelu_f32(
            &output.values, input.shape[0], input.shape[1] * input.shape[2], weight.values, weight.count == 1 ? 0 : 1)
        return output
    }
}
