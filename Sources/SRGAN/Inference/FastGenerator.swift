import NeuralNetwork

/// The generator as the service runs it. Batch normalisation is folded into the convolutions, the weights of all
/// convolutions except the first are transformed for Winograd's algorithm, and optimised routines (the fast kernels)
/// compute the layers.
///
/// The trunk (the residual blocks and the convolution after them) runs layer by layer on the whole tile. The tail (the
/// two upsampling layers and the last convolution) does not, because its activations would not fit into the caches: the
/// second upsampling layer has 16 times as many activations as a layer of the trunk, namely four times the channels for
/// four times the pixels. The tail therefore divides the tile into narrow columns and each column into strips of rows.
/// Small ring buffers hold these strips.
///
/// The kept region of a tile is the part whose upscaling is needed. Each layer computes only the part of its output on
/// which the result for the kept region depends.
final class FastGenerator: Sendable {
    let kernels: ConvolutionKernels
    let metadata: ModelMetadata

    /// The number of channels in the trunk, padded to a multiple of 16.
    let channels: Int
    let first: DirectConvolution
    let blocks: [(WinogradConvolution, WinogradConvolution)]
    let afterBlocks: WinogradConvolution
    let upsampling: (WinogradConvolution, WinogradConvolution)
    let last: WinogradConvolution

    /// The maximum width of a column in the tail, in pixels of the tile.
    ///
    /// The later layers read a margin on each side, so the first upsampling computes up to 44 + 4 = 48 pixels in each
    /// row of a column. These 48 pixels are 12 Winograd tiles of 4 x 4 pixels, and two rows of Winograd tiles fill one
    /// block of a matrix product. The ring buffers of a column this wide stay in the L1 and L2 caches; those of a whole
    /// tile would not.
    static let column = 44
    /// The number of rows in a strip, counted at twice the tile's resolution: two rows of Winograd tiles.
    static let strip = 8
    /// The number of the tile's rows that the first upsampling computes at once: two rows of Winograd tiles.
    static let firstStrip = 8
    /// The number of rows in the ring buffers at twice the resolution. The first ring holds a strip of the first
    /// upsampling and the rows that a strip of the second upsampling reads; the second ring holds a strip and the
    /// rows around it that the last layer reads.
    static let firstRing = 32, secondRing = 16

    /// Why the fast kernels do not support a network, as a phrase; nil if they support it.
    ///
    /// The phrase completes a text that begins "no fast kernels for".
    static func unsupportedReason(_ generator: ReferenceGenerator) -> String? {
        if generator.channels > 64 { return "\(generator.channels) channels (the maximum is 64)" }
        if generator.upsampling.count != 2 {
            return "a scale of \(generator.scale) (only 4 is supported)"
        }
        if generator.conv3.kernel > 9 {
            return "a last convolution of \(generator.conv3.kernel) x \(generator.conv3.kernel) (the maximum is 9 x 9)"
        }
        let inner =
            generator.blocks.flatMap { [$0.conv1, $0.conv2] } + [generator.conv2] + generator.upsampling.map(\.conv)
        return inner.map(\.kernel).first { $0 != 3 }.map {
            "inner convolutions of \($0) x \($0) (only 3 x 3 is supported)"
        }
    }

    /// Packs the weights of a network for which `unsupportedReason` is nil.
    init(_ generator: ReferenceGenerator, metadata: ModelMetadata, kernels: ConvolutionKernels) {
        let own = generator.channels
        let channels = FoldedConvolution.padded(own)
        precondition(Self.unsupportedReason(generator) == nil, "there are no fast kernels for this network")
        self.kernels = kernels
        self.metadata = metadata
        self.channels = channels

        func padded(_ slopes: PReLU) -> [Float] {
            slopes.slopes(channels: own) + [Float](repeating: 0, count: channels - own)
        }
        func winograd(_ conv: Conv2d, _ norm: BatchNorm2d?, _ activation: PReLU?) -> WinogradConvolution {
            let folded = FoldedConvolution(conv, norm: norm).padded(inputs: channels)
            return WinogradConvolution(
                weight: folded.weight, bias: folded.bias, slopes: activation.map(padded), groups: 1,
                kernels: kernels)
        }
        func upsampling(_ block: UpsamplingBlock, _ arrangement: WinogradConvolution.Arrangement) -> WinogradConvolution
        {
            // PixelShuffle moves channel 4 c + p to pixel p of a 2 x 2 block. `order` makes all channels of a pixel
            // adjacent instead.
            let order = (0..<4 * channels).map { $0 % channels < own ? $0 % channels * 4 + $0 / channels : -1 }
            let folded = FoldedConvolution(block.conv, norm: block.norm).rearranged(inputs: channels, outputs: order)
            let slopes = padded(block.activation)
            return WinogradConvolution(
                weight: folded.weight, bias: folded.bias, slopes: slopes + slopes + slopes + slopes, groups: 4,
                arrangement: arrangement, kernels: kernels)
        }
        let head = FoldedConvolution(generator.conv1, norm: nil).padded(inputs: 3)
        first = DirectConvolution(weight: head.weight, bias: head.bias, slopes: padded(generator.activation))
        blocks = generator.blocks.map {
            (winograd($0.conv1, $0.norm1, $0.activation), winograd($0.conv2, $0.norm2, nil))
        }
        afterBlocks = winograd(generator.conv2, generator.norm2, generator.activation2)
        self.upsampling = (upsampling(generator.upsampling[0], .shuffled), upsampling(generator.upsampling[1], .plain))
        let tail = FoldedConvolution(generator.conv3, norm: nil).beforeShuffle()
        last = WinogradConvolution(weight: tail.weight, bias: tail.bias, slopes: nil, groups: 1, kernels: kernels)
    }

    /// The size of the scratch memory in floats: the maximum over all layers.
    var scratchCount: Int {
        ([afterBlocks, upsampling.0, upsampling.1, last] + blocks.flatMap { [$0.0, $0.1] }).map(\.scratchCount).max()!
    }
}
