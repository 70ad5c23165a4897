extension StateDict {
    /// Takes `name.weight` and `name.bias` of a convolution whose padding preserves the image size.
    ///
    /// - Parameters:
    ///   - outputChannels: The expected count; nil accepts any.
    ///   - kernel: The expected kernel size; nil accepts any odd size.
    public mutating func takeConv2d(
        _ name: String, inputChannels: Int, outputChannels: Int?, kernel: Int? = nil
    ) throws(NeuralNetworkError) -> Conv2d {
        let weight = try take("\(name).weight", shape: [outputChannels, inputChannels, kernel, kernel])
        let side = weight.shape[2]
        guard side == weight.shape[3], side % 2 == 1 else {
            throw NeuralNetworkError(
                .wrongShape,
                "The entry \"\(name).weight\" has the shape \(weight.shape); its kernel must be square and odd.")
        }
        guard weight.count > 0 else {
            throw NeuralNetworkError(.wrongShape, "The entry \"\(name).weight\" is empty.")
        }
        let bias = try take("\(name).bias", shape: [weight.shape[0]])
        return Conv2d(weight: weight, bias: bias, padding: side / 2)
    }

    /// Takes the four entries of a batch normalisation.
    public mutating func takeBatchNorm2d(
        _ name: String, channels: Int, epsilon: Float
    ) throws(NeuralNetworkError) -> BatchNorm2d {
        BatchNorm2d(
            weight: try take("\(name).weight", shape: [channels]), bias: try take("\(name).bias", shape: [channels]),
            runningMean: try take("\(name).running_mean", shape: [channels]),
            runningVariance: try take("\(name).running_var", shape: [channels]), epsilon: epsilon)
    }

    /// Takes the slopes of a PReLU: one shared by all channels, or one per channel.
    public mutating func takePReLU(_ name: String, channels: Int) throws(NeuralNetworkError) -> PReLU {
        let shared = shape(of: "\(name).weight") == [1]
        return PReLU(weight: try take("\(name).weight", shape: [shared ? 1 : channels]))
    }
}
