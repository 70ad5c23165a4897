extension Conv2d {
    /// The convolution that equals this one followed by a convolution of kernel size 1.
    public func followed(byPointwise next: Conv2d) -> Conv2d {
        precondition(next.kernel == 1 && next.inputChannels == outputChannels && stride == 1)
        let taps = weight.count / outputChannels
        let product = Tensor(shape: [next.outputChannels, inputChannels, kernel, kernel]) { target in
            LinearAlgebra.multiply(
                next.weight.values, weight.values, into: target, rows: next.outputChannels, inner: outputChannels,
                columns: taps, outputStride: taps)
        }
        let biases = (0..<next.outputChannels).map { output in
            bias.values.indices.reduce(next.bias.values[output]) {
                $0 + next.weight.values[output * outputChannels + $1] * bias.values[$1]
            }
        }
        return Conv2d(weight: product, bias: Tensor(shape: [biases.count], values: biases), padding: padding)
    }

    /// The convolution that equals a convolution of kernel size 1, followed by this one. Outside the image, the first
    /// convolution's result counts as its bias, not as zero.
    public func preceded(byPointwise previous: Conv2d) -> Conv2d {
        precondition(previous.kernel == 1 && previous.outputChannels == inputChannels && stride == 1)
        let (area, inner, inputs) = (kernel * kernel, inputChannels, previous.inputChannels)
        var weights = Tensor(shape: [outputChannels, inputs, kernel, kernel])
        var biases = bias.values
        for output in 0..<outputChannels {
            for middle in 0..<inner {
                let start = (output * inner + middle) * area
                for tap in 0..<area { biases[output] += weight.values[start + tap] * previous.bias.values[middle] }
            }
        }
        // [inputs, inner] x [inner, area] for each output channel.
        let transposed = Tensor(shape: [inputs, inner]) { target in
            for i in 0..<inputs * inner { target[i] = previous.weight.values[i % inner * inputs + i / inner] }
        }
        weights.values.withUnsafeMutableBufferPointer { target in
            weight.values.withUnsafeBufferPointer { source in
                for output in 0..<outputChannels {
                    LinearAlgebra.multiply(
                        transposed.values, source.baseAddress! + output * inner * area,
                        into: target.baseAddress! + output * inputs * area, rows: inputs, inner: inner, columns: area,
                        outputStride: area)
                }
            }
        }
        return Conv2d(weight: weights, bias: Tensor(shape: [biases.count], values: biases), padding: padding)
    }

    /// The sum of this convolution and another one with the same channels and a kernel of the same or a smaller size.
    public func adding(_ other: Conv2d) -> Conv2d {
        precondition(other.inputChannels == inputChannels && other.outputChannels == outputChannels)
        precondition(other.kernel <= kernel && stride == 1 && other.stride == 1)
        var sum = self
        let margin = (kernel - other.kernel) / 2
        for plane in 0..<outputChannels * inputChannels {
            for y in 0..<other.kernel {
                for x in 0..<other.kernel {
                    sum.weight.values[(plane * kernel + y + margin) * kernel + x + margin] +=
                        other.weight.values[(plane * other.kernel + y) * other.kernel + x]
                }
            }
        }
        for output in 0..<outputChannels { sum.bias.values[output] += other.bias.values[output] }
        return sum
    }
}
