import NeuralNetwork

/// A residual block: two convolutions with a skip connection (section 2.1.1 of the SRGAN paper).
public struct ResidualBlock: Sendable {
    /// The first convolution and its normalisation, which is nil for networks without normalisation.
    public var conv1: Conv2d, norm1: BatchNorm2d?
    /// The activation between the convolutions.
    public var activation: PReLU
    /// The second convolution and its normalisation.
    public var conv2: Conv2d, norm2: BatchNorm2d?

    /// Applies the block to `[channels, height, width]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        var x = conv1(input)
        if let norm1 { x = norm1(x) }
        x = conv2(activation(x))
        if let norm2 { x = norm2(x) }
        return x.adding(input)
    }
}
