import CKernels

/// Normalises each channel by its running statistics, like `torch.nn.BatchNorm2d` in evaluation mode.
public struct BatchNorm2d: Sendable {
    /// The scale of each channel, `[channels]`.
    public var weight: Tensor
    /// The offset of each channel, `[channels]`.
    public var bias: Tensor
    /// The mean of each channel over the training images, `[channels]`.
    public var runningMean: Tensor
    /// The variance of each channel over the training images, `[channels]`.
    public var runningVariance: Tensor
    /// Added to the variance before the square root.
    public let epsilon: Float

    /// Makes a layer from its parameters and statistics.
    public init(weight: Tensor, bias: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float = 1e-5) {
        precondition(
            weight.shape.count == 1 && bias.shape == weight.shape && runningMean.shape == weight.shape
                && runningVariance.shape == weight.shape, "the parameters differ in shape")
        self.weight = weight
        self.bias = bias
        self.runningMean = runningMean
        self.runningVariance = runningVariance
        self.epsilon = epsilon
    }

    /// The layer as `scale * x + shift` with one scale and one shift per channel, computed in double precision.
    ///
    /// Fast inference merges the scale and the shift into the weights and the bias of the preceding convolution.
    public var affine: (scale: [Double], shift: [Double]) {
        var scale: [Double] = []
        var shift: [Double] = []
        for channel in 0..<weight.count {
            let factor =
                Double(weight.values[channel])
                / (Double(runningVariance.values[channel]) + Double(epsilon)).squareRoot()
            scale.append(factor)
            shift.append(Double(bias.values[channel]) - Double(runningMean.values[channel]) * factor)
        }
        return (scale, shift)
    }

    /// Normalises an image, `[channels, height, width]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        precondition(input.shape.count == 3 && input.shape[0] == weight.count, "the input has the wrong shape")
        let (scale, shift) = affine
        var output = input
        ck_channel_affine_f32(
            &output.values, input.shape[0], input.shape[1] * input.shape[2], scale.map(Float.init),
            shift.map(Float.init))
        return output
    }
}
