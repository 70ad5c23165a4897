import CKernels
import NeuralNetwork

/// A convolution whose weights and biases include the batch normalisation that follows it. Its channels can be padded
/// with zeros to a multiple of 16.
struct FoldedConvolution {
    /// `[outputs, inputs, kernel, kernel]`.
    private(set) var weight: Tensor
    /// One value per output channel.
    private(set) var bias: [Float]

    /// Folds the normalisation in double precision: `norm(conv(x)) = (scale * weight) x + (scale * bias + shift)`.
    init(_ conv: Conv2d, norm: BatchNorm2d?) {
        weight = conv.weight
        bias = conv.bias.values
        guard let norm else { return }
        let (scale, shift) = norm.affine
        let count = weight.count / bias.count
        weight.values.withUnsafeMutableBufferPointer { values in
            for output in bias.indices {
                for i in output * count..<(output + 1) * count { values[i] = Float(Double(values[i]) * scale[output]) }
            }
        }
        for output in bias.indices { bias[output] = Float(Double(bias[output]) * scale[output] + shift[output]) }
    }

    private init(weight: Tensor, bias: [Float]) {
        self.weight = weight
        self.bias = bias
    }

    /// Rounds a channel count up to a multiple of 16.
    static func padded(_ channels: Int) -> Int {
        (channels + 15) / 16 * 16
    }

    /// Returns the convolution with reordered output channels and with input channels added up to `inputs`. The weights
    /// of added channels are zero.
    ///
    /// - Parameter outputs: For each new output channel, the index of the old one, or -1 for a zero channel.
    func rearranged(inputs: Int, outputs: [Int]) -> FoldedConvolution {
        let area = weight.shape[2] * weight.shape[3]
        let count = weight.shape[1] * area
        var result = Tensor(shape: [outputs.count, inputs, weight.shape[2], weight.shape[3]])
        result.values.withUnsafeMutableBufferPointer { target in
            weight.values.withUnsafeBufferPointer { source in
                for (place, output) in outputs.enumerated() where output >= 0 {
                    for i in 0..<count { target[place * inputs * area + i] = source[output * count + i] }
                }
            }
        }
        return FoldedConvolution(weight: result, bias: outputs.map { $0 < 0 ? 0 : bias[$0] })
    }

    /// Returns the convolution with zero channels added, so that it has `inputs` input channels and a multiple of 16
    /// output channels.
    func padded(inputs: Int) -> FoldedConvolution {
        let outputs = weight.shape[0]
        return rearranged(inputs: inputs, outputs: (0..<Self.padded(outputs)).map { $0 < outputs ? $0 : -1 })
    }

    /// Returns a convolution that runs before the last pixel shuffle and replaces this one, which runs after it.
    ///
    /// The new convolution has 5 x 5 weights at half the resolution; this one has up to 9 x 9 weights at the full
    /// resolution. The new input has four groups of channels, one for each pixel of a 2 x 2 block; a group has this
    /// convolution's input channels, padded to a multiple of 16. The new output has four values for each output channel
    /// of this convolution. The input is read once per 2 x 2 block instead of once per pixel.
    func beforeShuffle() -> FoldedConvolution {
        let (outputs, inputs, kernel) = (weight.shape[0], weight.shape[1], weight.shape[2])
        let group = Self.padded(inputs)
        precondition(kernel <= 9)
        let rows = Self.padded(4 * outputs)
        // In `folded`, the input channels are in PixelShuffle's order: the channels of a block's four pixels are
        // adjacent.
        let folded = AlignedBuffer(count: rows * 4 * inputs * 25)
        ck_fold_shuffle_f32(weight.values, outputs, inputs, kernel, rows, folded.start)
        let result = Tensor(shape: [rows, 4 * group, 5, 5]) { target in
            target.update(repeating: 0, count: rows * 4 * group * 25)
            for row in 0..<rows {
                for input in 0..<inputs {
                    for from in 0..<4 {
                        (target + (row * 4 * group + from * group + input) * 25)
                            .update(from: folded.start + (row * 4 * inputs + 4 * input + from) * 25, count: 25)
                    }
                }
            }
        }
        let resultBias = (0..<rows).map { $0 < 4 * outputs ? bias[$0 / 4] : 0 }
        return FoldedConvolution(weight: result, bias: resultBias)
    }
}
