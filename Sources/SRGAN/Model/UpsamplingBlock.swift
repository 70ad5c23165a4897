import NeuralNetwork

/// An upsampling block: a convolution to four times the channels, then a pixel shuffle to twice the resolution.
public struct UpsamplingBlock: Sendable {
    /// The convolution and its normalisation; the SRGAN paper's network has no normalisation here.
    public var conv: Conv2d, norm: BatchNorm2d?
    /// The activation after the pixel shuffle.
    public var activation: PReLU

    /// Applies the block: `[channels, height, width]` to `[channels, 2 height, 2 width]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        var x = conv(input)
        if let norm { x = norm(x) }
        return activation(PixelShuffle(factor: 2)(x))
    }
}
