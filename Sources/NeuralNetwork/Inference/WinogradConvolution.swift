import CKernels

/// A 3x3 or 5x5 Winograd convolution with bias and activation; its weights are transformed and packed for the fast
/// kernels.
///
/// Images are `[row][column][channel]`. Channel counts are multiples of 16.
public final class WinogradConvolution: Sendable {
    /// The layout of the output.
    public enum Arrangement: Sendable {
        /// All channels of a pixel are adjacent.
        case plain
        /// Four groups of channels become the four pixels of a 2 x 2 block, as in a pixel shuffle.
        case shuffled
        /// Nine groups of channels become the nine pixels of a 3 x 3 block.
        case shuffledByThree

        /// The factor of the pixel shuffle; 0 for none.
        var factor: Int {
            switch self {
            case .plain: 0
            case .shuffled: 2
            case .shuffledByThree: 3
            }
        }
    }

    /// What follows the bias.
    public enum Ending: Sendable {
        /// The slopes, if there are any, and the addition of the skip image, if there is one.
        case rectify
        /// `Activation.silu`.
        case silu
        /// `GraphOperation.gate`; the skip image is the second value.
        case gate
    }

    /// The kernel size: 3 or 5.
    public let kernel: Int
    /// The number of input channels.
    public let inputChannels: Int
    /// The number of output channels in a group.
    public let groupChannels: Int
    /// The number of groups of output channels.
    public let groups: Int
    /// The layout of the output.
    public let arrangement: Arrangement

    private let ending: Ending
    private let kernels: ConvolutionKernels
    private let weights: AlignedBuffer
    private let bias: AlignedBuffer
    private let slopes: AlignedBuffer?

    /// Transforms and packs the weights.
    ///
    /// - Parameters:
    ///   - weight: `[groups * groupChannels, inputChannels, kernel, kernel]`.
    ///   - bias: One value per output channel.
    ///   - slopes: One PReLU slope per output channel; nil for no activation.
    ///   - ending: What follows the bias.
    ///   - groups: The number of groups. A group has at most 64 channels.
    ///   - kernels: The kernels that pack the weights and run the convolution.
    public init(
        weight: Tensor, bias: [Float], slopes: [Float]?, ending: Ending = .rectify, groups: Int,
        arrangement: Arrangement = .plain, kernels: ConvolutionKernels
    ) {
        self.ending = ending
        self.kernels = kernels
        kernel = weight.shape[2]
        inputChannels = weight.shape[1]
        self.groups = groups
        groupChannels = weight.shape[0] / groups
        self.arrangement = arrangement
        precondition(weight.shape.count == 4 && weight.shape[3] == kernel && (kernel == 3 || kernel == 5))
        precondition(
            inputChannels % 16 == 0 && groupChannels % 16 == 0 && groupChannels <= 64,
            "the channel counts are not supported")
        precondition(groups * groupChannels == weight.shape[0])
        precondition(arrangement == .plain || groups == arrangement.factor * arrangement.factor)
        precondition(bias.count == weight.shape[0] && (slopes ?? bias).count == weight.shape[0])
        self.bias = AlignedBuffer(bias)
        self.slopes = slopes.map { AlignedBuffer($0) }
        var layer = ck_winograd_layer()
        layer.kernel = Int32(kernel)
        layer.input_channels = Int32(inputChannels)
        layer.group_channels = Int32(groupChannels)
        layer.groups = Int32(groups)
        weights = AlignedBuffer(count: ck_winograd_weights(&layer))
        kernels.table.pointee.pack(&layer, weight.values, 0, weights.start)
    }

    private var layer: ck_winograd_layer {
        ck_winograd_layer(
            kernel: Int32(kernel), stride: CK_EVERY_PIXEL, input_channels: Int32(inputChannels),
            group_channels: Int32(groupChannels), groups: Int32(groups), weights: weights.start, bias: bias.start,
            slopes: slopes.map { UnsafePointer($0.start) }, activation: activation)
    }

    private var activation: ck_activation {
        switch ending {
        case .rectify: CK_RECTIFY
        case .silu: CK_SILU
        case .gate: CK_GATE
        }
    }

    /// The number of floats of scratch memory that a call needs.
    public var scratchCount: Int {
        var layer = layer
        return ck_winograd_scratch(&layer)
    }

    /// Convolves a region.
    ///
    /// - Parameters:
    ///   - input: The input's rows; pixels outside `valid` count as zero.
    ///   - output: The output's rows; if the output is shuffled, those of the larger image.
    ///   - skip: The rows of an image that is added after the activation; nil for none. The image has the output's
    ///     layout, except for `skipPixel`, and may be the output itself.
    ///   - region: The part of the output to compute, in coordinates before the shuffle.
    ///   - scratch: Working memory: `scratchCount` floats, aligned to 64 bytes.
    ///   - inputPixel: The number of floats from one pixel of the input to the next; 0 if they are adjacent. Likewise
    ///     `outputPixel` and `skipPixel`.
    public func callAsFunction(
        _ input: RowTable, valid: KernelRegion, into output: RowTable, skip: RowTable? = nil, region: KernelRegion,
        scratch: UnsafeMutablePointer<Float>, inputPixel: Int = 0, outputPixel: Int = 0, skipPixel: Int = 0
    ) {
        var layer = layer
        var call = ck_winograd_call(
            input_rows: input.constant, tiles: nil, input_valid: valid.region, output_rows: output.rows,
            shuffle: Int32(arrangement.factor), skip_rows: skip?.constant, rectified_rows: nil, rectified_slope: 1,
            region: region.region, scratch: scratch, input_pixel: inputPixel, output_pixel: outputPixel,
            skip_pixel: skipPixel)
        kernels.table.pointee.winograd(&layer, &call)
    }
}
