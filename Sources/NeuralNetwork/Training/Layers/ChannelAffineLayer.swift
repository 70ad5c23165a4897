import CKernels

/// Multiplies each channel by a fixed factor and adds a fixed number, such as the statistics of a network's training data.
public final class ChannelAffineLayer: Layer {
    private let context: ComputeContext
    private let scale: AlignedBuffer
    private let shift: AlignedBuffer
    private let zeros: AlignedBuffer

    /// Makes a layer of a factor and an offset a channel.
    public init(scale: [Float], shift: [Float], context: ComputeContext) {
        precondition(scale.count == shift.count, "each channel has a factor and an offset")
        self.context = context
        self.scale = AlignedBuffer(scale)
        self.shift = AlignedBuffer(shift)
        zeros = AlignedBuffer(count: scale.count)
    }

    /// Applies the layer.
    public func forward(_ input: Batch) -> Batch { apply(input, shift) }

    /// Computes the gradient by the input.
    public func backward(_ gradient: Batch) -> Batch { apply(gradient, zeros) }

    private func apply(_ input: Batch, _ shift: AlignedBuffer) -> Batch {
        precondition(input.channels == scale.count, "the channels do not fit")
        let output = input.sibling(context)
        context.pass(overPixelsOf: input) { range in
            let offset = range.lowerBound * input.channels
            var norm = ck_norm(scale: scale.start, shift: shift.start, slope: 1)
            context.passes.norm(&norm, input.start + offset, range.count, input.channels, output.start + offset)
        }
        return output
    }
}
