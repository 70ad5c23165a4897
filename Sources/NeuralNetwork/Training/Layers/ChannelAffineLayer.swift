import CKernels

/// Multiplies each channel by a constant and adds a constant, for example to normalise by a data set's statistics.
public final class ChannelAffineLayer: Layer {
    private let context: ComputeContext
    private let scale: AlignedBuffer
    private let shift: AlignedBuffer
    private let zeros: AlignedBuffer

    /// Makes a layer with one scale and one shift per channel.
    public init(scale: [Float], shift: [Float], context: ComputeContext) {
        precondition(scale.count == shift.count, "scale and shift differ in length")
        self.context = context
        self.scale = AlignedBuffer(scale)
        self.shift = AlignedBuffer(shift)
        zeros = AlignedBuffer(count: scale.count)
    }

    /// Applies the layer.
    public func forward(_ input: Batch) -> Batch { apply(input, shift) }

    /// Computes the gradient with respect to the input.
    public func backward(_ gradient: Batch) -> Batch { apply(gradient, zeros) }

    private func apply(_ input: Batch, _ shift: AlignedBuffer) -> Batch {
        precondition(input.channels == scale.count, "the input has the wrong number of channels")
        let output = input.sibling(context)
        context.pass(overPixelsOf: input) { range in
            let offset = range.lowerBound * input.channels
            var norm = ck_norm(scale: scale.start, shift: shift.start, slope: 1)
            context.passes.norm(&norm, input.start + offset, range.count, input.channels, output.start + offset)
        }
        return output
    }
}
