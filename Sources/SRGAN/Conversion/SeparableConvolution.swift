import NeuralNetwork

/// Separable convolutions, which consist of a convolution of each channel by itself (`depthwise`) and one of kernel
/// size 1 (`pointwise`).
enum SeparableConvolution {
    private static let (depthwise, pointwise) = (".depthwise.weight", ".pointwise.weight")

    /// Replaces each separable convolution of a state dict by the ordinary convolution with the same result.
    ///
    /// - Throws: `missingKey` or `wrongShape` if the two parts do not fit each other.
    static func merged(_ tensors: [String: Tensor]) throws(NeuralNetworkError) -> [String: Tensor] {
        var state = StateDict(tensors)
        var merged: [String: Tensor] = [:]
        for key in tensors.keys.sorted() where key.hasSuffix(depthwise) {
            let name = String(key.dropLast(depthwise.count))
            let first = try state.take(key, shape: [nil, 1, nil, nil])
            let second = try state.take(name + pointwise, shape: [nil, first.shape[0], 1, 1])
            let (inputs, outputs) = (first.shape[0], second.shape[0])
            let area = first.shape[2] * first.shape[3]
            func bias(_ part: String, count: Int) throws(NeuralNetworkError) -> [Float] {
                let key = "\(name).\(part).bias"
                guard state.shape(of: key) != nil else { return [Float](repeating: 0, count: count) }
                return try state.take(key, shape: [count]).values
            }
            let firstBias = try bias("depthwise", count: inputs)
            var sums = try bias("pointwise", count: outputs)
            var weight = Tensor(shape: [outputs, inputs, first.shape[2], first.shape[3]])
            for output in 0..<outputs {
                for input in 0..<inputs {
                    let factor = second.values[output * inputs + input]
                    sums[output] += factor * firstBias[input]
                    for tap in 0..<area {
                        weight.values[(output * inputs + input) * area + tap] =
                            factor * first.values[input * area + tap]
                    }
                }
            }
            merged["\(name).weight"] = weight
            merged["\(name).bias"] = Tensor(shape: [outputs], values: sums)
        }
        return state.remaining.merging(merged) { $1 }
    }
}
