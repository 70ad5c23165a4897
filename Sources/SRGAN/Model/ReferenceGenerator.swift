import Foundation
import NeuralNetwork

/// The generator of SRGAN as a plain chain of layers. It is the reference for tests of the fast generator, and it runs
/// networks that the fast generator does not support.
public struct ReferenceGenerator: Sendable {
    /// The first convolution.
    public var conv1: Conv2d
    /// The activation after the first convolution.
    public var activation: PReLU
    /// The residual blocks.
    public var blocks: [ResidualBlock]
    /// The convolution after the blocks and its normalisation; some networks have an activation instead of the
    /// normalisation.
    public var conv2: Conv2d, norm2: BatchNorm2d?, activation2: PReLU?
    /// The blocks that double the resolution.
    public var upsampling: [UpsamplingBlock]
    /// The last convolution.
    public var conv3: Conv2d
    /// The activation after the last convolution.
    public var finalActivation: ModelMetadata.FinalActivation

    /// The number of channels between the first and the last convolution.
    public var channels: Int { conv1.outputChannels }
    /// The upscaling factor of width and height.
    public var scale: Int { 1 << upsampling.count }

    /// The radius of the receptive field in input pixels, rounded up.
    public var receptiveFieldRadius: Int {
        var radius = Double(conv1.padding + conv2.padding)
        for block in blocks { radius += Double(block.conv1.padding + block.conv2.padding) }
        for (stage, block) in upsampling.enumerated() { radius += Double(block.conv.padding) / Double(1 << stage) }
        return Int((radius + Double(conv3.padding) / Double(scale)).rounded(.up))
    }

    /// Upscales an image.
    ///
    /// - Parameter input: `[3, height, width]` in the model's input range.
    /// - Returns: `[3, scale * height, scale * width]` in the model's output range, not clamped.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        let first = activation(conv1(input))
        var x = first
        for block in blocks { x = block(x) }
        x = conv2(x)
        if let norm2 { x = norm2(x) }
        if let activation2 { x = activation2(x) }
        x = x.adding(first)
        for block in upsampling { x = block(x) }
        x = conv3(x)
        if finalActivation == .tanh {
            for i in x.values.indices { x.values[i] = tanh(x.values[i]) }
        }
        return x
    }
}
