/// An operation of a graph, which computes one value from earlier ones. Each pads images with zeros, as PyTorch does.
public enum GraphOperation: Sendable {
    /// The network's input.
    case input
    /// A convolution that preserves the image's size, and its activation.
    case convolution(Conv2d, Activation)
    /// `factor` times the first value, plus the second.
    case scaledSum(factor: Float)
    /// The channels of all values, one after the other.
    case concatenation
    /// `torch.nn.PixelShuffle`: channels become the pixels of an image `factor` times as large.
    case pixelShuffle(factor: Int)
    /// `torch.nn.PixelUnshuffle`: pixels become channels of an image `1 / factor` times as large.
    case pixelUnshuffle(factor: Int)
    /// Each pixel becomes `factor` x `factor` equal pixels.
    case nearest(factor: Int)
    /// `torch.nn.functional.interpolate` with `mode="bilinear"`, without aligned corners.
    case bilinear(factor: Int)
    /// The attention of SPAN: the sum of both values, multiplied by the logistic function of the first minus 1/2.
    case gate
    /// Each channel multiplied by its scale, plus its shift.
    case affine(scale: [Float], shift: [Float])
}
