import NeuralNetwork

/// A network computed layer by layer. It defines the right result, and it runs where there are no fast kernels.
protocol ReferenceNetwork: Sendable {
    /// The upscaling factor of width and height.
    var scale: Int { get }
    /// The number of input pixels around a region that can affect its output.
    var receptiveFieldRadius: Int { get }
    /// The number of channels of the images that the network reads and writes: 1 or 3.
    var imageChannels: Int { get }

    /// Upscales `[imageChannels, height, width]` in the model's input range to
    /// `[imageChannels, scale * height, scale * width]` in its output range.
    func callAsFunction(_ input: Tensor) -> Tensor
}

extension ReferenceGenerator: ReferenceNetwork {
    var imageChannels: Int { 3 }
}

extension PlainExecutor: ReferenceNetwork {
    var scale: Int { graph.scale }
    var receptiveFieldRadius: Int { graph.receptiveFieldRadius }
    var imageChannels: Int { graph.input.channels }
}
