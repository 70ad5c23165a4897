/// A description of a convolutional network: operations in the order in which they can be computed.
///
/// `PlainExecutor` defines the result; `FastExecutor` computes the same result faster. A function that builds a graph
/// calls one method for each operation and then sets `output`. It passes layers whose channel counts fit; a mistake is a
/// programming error.
public struct NetworkGraph: Sendable {
    /// The result of an operation.
    public struct Value: Hashable, Sendable {
        /// The position of the operation in the graph.
        let index: Int
        /// The number of channels.
        public let channels: Int
    }

    /// An operation with its inputs.
    struct Node: Sendable {
        let operation: GraphOperation
        /// The positions of the operations that computed the inputs.
        let inputs: [Int]
        let channels: Int
        /// The size of the value's image as a multiple of the network's smallest image.
        let resolution: Int
    }

    private(set) var nodes: [Node] = []
    /// The network's input.
    public let input: Value
    /// The network's output. It is the input until a method's result is assigned.
    public var output: Value

    /// Starts a graph.
    ///
    /// - Parameters:
    ///   - inputChannels: The number of channels of the image.
    ///   - inputResolution: The size of the image as a multiple of the network's smallest one: the factor of the pixel
    ///     unshuffle that follows, or 1.
    public init(inputChannels: Int, inputResolution: Int = 1) {
        precondition(inputChannels > 0 && inputResolution > 0)
        nodes = [Node(operation: .input, inputs: [], channels: inputChannels, resolution: inputResolution)]
        input = Value(index: 0, channels: inputChannels)
        output = input
    }

    /// The number by which width and height of the input must be divisible. Images of other sizes are padded by
    /// reflection on the right and below, and the output is cropped.
    public var inputMultiple: Int { nodes[0].resolution }
    /// The upscaling factor of width and height.
    public var scale: Int { nodes[output.index].resolution / inputMultiple }

    /// Adds a convolution.
    public mutating func convolution(_ layer: Conv2d, _ activation: Activation = .none, of input: Value) -> Value {
        precondition(
            layer.inputChannels == input.channels && layer.stride == 1 && 2 * layer.padding + 1 == layer.kernel,
            "the convolution does not fit its input")
        if case .slopes(let slopes) = activation { precondition(slopes.count == layer.outputChannels) }
        return add(.convolution(layer, activation), [input], channels: layer.outputChannels)
    }

    /// Adds `factor` times a value plus another value.
    public mutating func sum(_ value: Value, times factor: Float = 1, plus other: Value) -> Value {
        precondition(value.channels == other.channels && resolution(value) == resolution(other))
        return add(.scaledSum(factor: factor), [value, other], channels: value.channels)
    }

    /// Adds a concatenation of channels.
    public mutating func concatenation(_ values: [Value]) -> Value {
        precondition(Set(values.map(resolution)).count == 1, "the values differ in size")
        return add(.concatenation, values, channels: values.reduce(0) { $0 + $1.channels })
    }

    /// Adds a pixel shuffle.
    public mutating func pixelShuffle(_ value: Value, factor: Int) -> Value {
        precondition(value.channels % (factor * factor) == 0)
        return add(
            .pixelShuffle(factor: factor), [value], channels: value.channels / factor / factor, enlarging: factor)
    }

    /// Adds a pixel unshuffle.
    public mutating func pixelUnshuffle(_ value: Value, factor: Int) -> Value {
        precondition(resolution(value) % factor == 0, "the input's resolution does not allow the unshuffle")
        return add(
            .pixelUnshuffle(factor: factor), [value], channels: value.channels * factor * factor, reducing: factor)
    }

    /// Adds an upscaling by repetition of pixels.
    public mutating func nearest(_ value: Value, factor: Int) -> Value {
        add(.nearest(factor: factor), [value], channels: value.channels, enlarging: factor)
    }

    /// Adds a bilinear upscaling.
    public mutating func bilinear(_ value: Value, factor: Int) -> Value {
        add(.bilinear(factor: factor), [value], channels: value.channels, enlarging: factor)
    }

    /// Adds SPAN's attention: `(value + other) * (sigmoid(value) - 0.5)`.
    public mutating func gate(_ value: Value, plus other: Value) -> Value {
        precondition(value.channels == other.channels && resolution(value) == resolution(other))
        return add(.gate, [value, other], channels: value.channels)
    }

    /// Adds a scale and a shift for each channel.
    public mutating func affine(_ value: Value, scale: [Float], shift: [Float]) -> Value {
        precondition(scale.count == value.channels && shift.count == value.channels)
        return add(.affine(scale: scale, shift: shift), [value], channels: value.channels)
    }

    private func resolution(_ value: Value) -> Int { nodes[value.index].resolution }

    private mutating func add(
        _ operation: GraphOperation, _ inputs: [Value], channels: Int, enlarging: Int = 1, reducing: Int = 1
    ) -> Value {
        let resolution = resolution(inputs[0]) * enlarging / reducing
        nodes.append(
            Node(operation: operation, inputs: inputs.map(\.index), channels: channels, resolution: resolution))
        return Value(index: nodes.count - 1, channels: channels)
    }
}
