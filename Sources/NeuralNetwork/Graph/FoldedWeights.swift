/// The parameters of a convolution while a graph is converted for the fast kernels.
struct FoldedWeights {
    /// `[outputs, inputs, kernel, kernel]`.
    var weight: Tensor
    var bias: [Float]
    /// One slope for each output; nil for no slopes.
    var slopes: [Float]?

    init(_ layer: Conv2d, slopes: [Float]?) {
        (weight, bias, self.slopes) = (layer.weight, layer.bias.values, slopes)
    }

    init(weight: Tensor, bias: [Float], slopes: [Float]?) {
        (self.weight, self.bias, self.slopes) = (weight, bias, slopes)
    }

    var outputs: Int { weight.shape[0] }
    var inputs: Int { weight.shape[1] }
    var kernel: Int { weight.shape[2] }

    /// The convolution whose sums are `factor` times as large.
    func scaled(by factor: Float) -> FoldedWeights {
        guard factor != 1 else { return self }
        return FoldedWeights(
            weight: Tensor(shape: weight.shape, values: weight.values.map { $0 * factor }),
            bias: bias.map { $0 * factor }, slopes: slopes)
    }

    /// The convolution whose pixel shuffle is the result of this 3 x 3 convolution of an image enlarged by repetition.
    ///
    /// Each of the `factor * factor` pixels that replace a pixel reads only that pixel and its neighbours, so its weights
    /// are sums of this convolution's.
    func beforeRepetition(factor: Int) -> FoldedWeights {
        precondition(kernel == 3)
        let phases = factor * factor
        var result = Tensor(shape: [outputs * phases, inputs, 3, 3])
        func place(_ phase: Int, _ tap: Int) -> Int {
            let shifted = phase + tap - 1
            return shifted < 0 ? 0 : shifted / factor + 1
        }
        for output in 0..<outputs {
            for phase in 0..<phases {
                let (dy, dx) = (phase / factor, phase % factor)
                for input in 0..<inputs {
                    let source = (output * inputs + input) * 9
                    let target = ((output * phases + phase) * inputs + input) * 9
                    for tap in 0..<9 {
                        result.values[target + place(dy, tap / 3) * 3 + place(dx, tap % 3)] +=
                            weight.values[source + tap]
                    }
                }
            }
        }
        func repeated(_ values: [Float]) -> [Float] { values.flatMap { [Float](repeating: $0, count: phases) } }
        return FoldedWeights(weight: result, bias: repeated(bias), slopes: slopes.map(repeated))
    }

    /// Some outputs, in a new order and padded with zeros, of the convolution with its inputs at new places.
    ///
    /// - Parameters:
    ///   - chosen: For each new output, the index of the old one, or -1 for a zero output.
    ///   - places: For each input, its new index.
    ///   - count: The new number of inputs.
    func rearranged(outputs chosen: [Int], inputs places: [Int], count: Int) -> FoldedWeights {
        let area = kernel * kernel
        let result = Tensor(shape: [chosen.count, count, kernel, kernel]) { target in
            target.update(repeating: 0, count: chosen.count * count * area)
            weight.values.withUnsafeBufferPointer { source in
                for (row, output) in chosen.enumerated() where output >= 0 {
                    for (input, place) in places.enumerated() {
                        (target + (row * count + place) * area)
                            .update(from: source.baseAddress! + (output * inputs + input) * area, count: area)
                    }
                }
            }
        }
        func taken(_ values: [Float]) -> [Float] { chosen.map { $0 < 0 ? 0 : values[$0] } }
        return FoldedWeights(weight: result, bias: taken(bias), slopes: slopes.map(taken))
    }
}
