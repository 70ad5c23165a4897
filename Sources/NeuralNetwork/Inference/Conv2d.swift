import CKernels

/// A 2D convolution with a square kernel and zero padding, like `torch.nn.Conv2d`.
public struct Conv2d: Sendable {
    /// The weights, `[outputChannels, inputChannels, kernel, kernel]`.
    public var weight: Tensor
    /// The bias of each output channel, `[outputChannels]`.
    public var bias: Tensor
    /// The step between two positions of the kernel.
    public let stride: Int
    /// The number of zeros added on each side of the image.
    public let padding: Int

    /// Makes a convolution from its parameters; the kernel must be square.
    public init(weight: Tensor, bias: Tensor, stride: Int = 1, padding: Int) {
        precondition(weight.shape.count == 4 && weight.shape[2] == weight.shape[3], "the kernel is not square")
        precondition(bias.shape == [weight.shape[0]], "bias and weight differ in output channels")
        precondition(stride > 0 && padding >= 0)
        self.weight = weight
        self.bias = bias
        self.stride = stride
        self.padding = padding
    }

    /// The number of input channels.
    public var inputChannels: Int { weight.shape[1] }
    /// The number of output channels.
    public var outputChannels: Int { weight.shape[0] }
    /// The kernel size.
    public var kernel: Int { weight.shape[2] }

    /// The maximum size of an im2col matrix in floats (8 MiB). The image is convolved in bands of rows, because for all
    /// rows of a 256 x 256 tile the matrix of the generator's last convolution would take 21 GB.
    private static let columnBudget = 2 << 20

    /// Convolves an image.
    ///
    /// - Parameter input: `[inputChannels, height, width]`.
    /// - Returns: `[outputChannels, (height + 2 padding - kernel) / stride + 1, ...]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        precondition(input.shape.count == 3 && input.shape[0] == inputChannels, "the input has the wrong shape")
        let (height, width) = (input.shape[1], input.shape[2])
        let outputHeight = (height + 2 * padding - kernel) / stride + 1
        let outputWidth = (width + 2 * padding - kernel) / stride + 1
        let inner = inputChannels * kernel * kernel
        let band = max(1, min(outputHeight, Self.columnBudget / max(1, inner * outputWidth)))
        var columns = [Float](unsafeUninitializedCapacity: inner * band * outputWidth) { $1 = $0.count }
        var output = Tensor(shape: [outputChannels, outputHeight, outputWidth]) { values in
            for firstRow in Swift.stride(from: 0, to: outputHeight, by: band) {
                let rows = min(band, outputHeight - firstRow)
                ck_im2col_f32(
                    input.values, inputChannels, height, width, kernel, stride, padding, firstRow, rows, outputWidth,
                    &columns)
                LinearAlgebra.multiply(
                    weight.values, columns, into: values + firstRow * outputWidth, rows: outputChannels, inner: inner,
                    columns: rows * outputWidth, outputStride: outputHeight * outputWidth)
            }
        }
        let ones = [Float](repeating: 1, count: outputChannels)
        ck_channel_affine_f32(&output.values, outputChannels, outputHeight * outputWidth, ones, bias.values)
        return output
    }
}
