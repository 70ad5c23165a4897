import CKernels

/// A convolution with bias and activation for images with few channels (RGB), or one of kernel size 1. Its weights are
/// packed for the fast kernels.
public final class DirectConvolution: Sendable {
    /// The kernel size.
    public let kernel: Int
    /// The number of input channels.
    public let inputChannels: Int
    /// The number of output channels: a multiple of 16, at most 64.
    public let outputChannels: Int

    /// The kernels may read up to this many pixels beyond the end of each row of a region, because they compute up to
    /// this many pixels at a time. The values of these pixels do not affect the result.
    public static let overhang = 12

    private let weights: AlignedBuffer
    private let bias: AlignedBuffer
    private let slopes: AlignedBuffer?

    /// Packs weights `[outputChannels, inputChannels, kernel, kernel]`.
    public init(weight: Tensor, bias: [Float], slopes: [Float]?) {
        outputChannels = weight.shape[0]
        inputChannels = weight.shape[1]
        kernel = weight.shape[2]
        precondition(outputChannels % 16 == 0 && outputChannels <= 64 && weight.shape[3] == kernel)
        precondition(bias.count == outputChannels && (slopes ?? bias).count == outputChannels)
        self.bias = AlignedBuffer(bias)
        self.slopes = slopes.map { AlignedBuffer($0) }
        weights = AlignedBuffer(count: weight.count)
        // [ky][panel of 16 output channels][kx][input channel][output channel in the panel]
        let inner = kernel * inputChannels
        var source = 0
        for output in 0..<outputChannels {
            for input in 0..<inputChannels {
                for ky in 0..<kernel {
                    for kx in 0..<kernel {
                        let panel = ky * (outputChannels / 16) + output / 16
                        weights.start[(panel * inner + kx * inputChannels + input) * 16 + output % 16] =
                            weight.values[source]
                        source += 1
                    }
                }
            }
        }
    }

    /// Convolves a region.
    ///
    /// - Parameters:
    ///   - input: The pixels, channels interleaved, with the zero padding around them. The pointer is at the input
    ///     pixel under the kernel's top left corner when the kernel computes the first output pixel. In each row, up to
    ///     `overhang` pixels beyond the region may be read.
    ///   - inputRow: The number of floats from one row to the next.
    ///   - inputPixel: The number of floats from one pixel of the input to the next, only for kernel size 1; 0 if they
    ///     are adjacent. Likewise `outputPixel`, for any kernel size.
    public func callAsFunction(
        _ input: UnsafePointer<Float>, inputRow: Int, into output: RowTable, region: KernelRegion,
        kernels: ConvolutionKernels, inputPixel: Int = 0, outputPixel: Int = 0
    ) {
        precondition(inputPixel == 0 || kernel == 1)
        var layer = ck_direct_layer(
            kernel: Int32(kernel), input_channels: Int32(inputChannels), output_channels: Int32(outputChannels),
            weights: weights.start, bias: bias.start, slopes: slopes.map { UnsafePointer($0.start) })
        var call = ck_direct_call(
            input: input, input_row: inputRow, output_rows: output.rows, region: region.region,
            input_pixel: inputPixel, output_pixel: outputPixel)
        kernels.table.pointee.direct(&layer, &call)
    }
}
