import NeuralNetwork

/// Creates the layers of a network and keeps their parameters in one store. It also lists the layers, because their
/// weights are later initialised and packed together.
struct NetworkBuilder {
    let store = ParameterStore()
    let context: ComputeContext
    private(set) var convolutions: [Conv2dLayer] = []
    /// The weights and biases of all convolutions and linear layers.
    private var weighted: [(name: String, weight: Parameter, bias: Parameter?)] = []
    private var spectral: [SpectralConv2dLayer] = []
    private(set) var norms: [BatchNorm2dLayer] = []
    private var slopes: [Parameter] = []

    init(context: ComputeContext) {
        self.context = context
    }

    mutating func conv2d(
        _ name: String, inputs: Int, outputs: Int, kernel: Int = 3, stride: Int = 1, slope: Float? = nil,
        after previous: Conv2dLayer? = nil, isNormalized: Bool = false, isFirst: Bool = false
    ) -> Conv2dLayer {
        let layer = Conv2dLayer(
            name, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: kernel / 2, slope: slope,
            after: previous, isNormalized: isNormalized, isFirst: isFirst, store: store, context: context)
        convolutions.append(layer)
        weighted.append((name, layer.weight, layer.bias))
        return layer
    }

    mutating func shuffledConv2d(_ name: String, inputs: Int, outputs: Int, kernel: Int) -> ShuffledConv2dLayer {
        let layer = ShuffledConv2dLayer(
            name, inputs: inputs, outputs: outputs, kernel: kernel, store: store, context: context)
        weighted.append((name, layer.weight, layer.bias))
        return layer
    }

    mutating func spectralConv2d(
        _ name: String, inputs: Int, outputs: Int, kernel: Int = 3, stride: Int = 1, slope: Float,
        after previous: SpectralConv2dLayer? = nil
    ) -> SpectralConv2dLayer {
        let layer = SpectralConv2dLayer(
            name, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: 1, slope: slope,
            after: previous, store: store, context: context)
        spectral.append(layer)
        weighted.append((name, layer.weight, nil))
        return layer
    }

    /// Returns the weights and biases of the convolution with this name.
    func convolution(_ name: String) -> (weight: Parameter, bias: Parameter) {
        guard let layer = weighted.first(where: { $0.name == name }), let bias = layer.bias else {
            preconditionFailure("there is no convolution \(name)")
        }
        return (layer.weight, bias)
    }

    mutating func linear(_ name: String, inputs: Int, outputs: Int) -> LinearLayer {
        let layer = LinearLayer(name, inputs: inputs, outputs: outputs, store: store, context: context)
        weighted.append((name, layer.weight, layer.bias))
        return layer
    }

    mutating func batchNorm2d(
        _ name: String, channels: Int, momentum: Double, slope: Float = 1, prelu: String? = nil
    ) -> BatchNorm2dLayer {
        let layer = BatchNorm2dLayer(
            name, channels: channels, momentum: momentum, slope: slope, prelu: prelu, store: store, context: context)
        norms.append(layer)
        if let slope = layer.slope { slopes.append(slope) }
        return layer
    }

    mutating func prelu(_ name: String) -> PReLULayer {
        let layer = PReLULayer(name, store: store, context: context)
        slopes.append(layer.weight)
        return layer
    }

    func leakyReLU(slope: Float) -> LeakyReLULayer {
        LeakyReLULayer(slope: slope, store: store, context: context)
    }

    /// Initialises the parameters as PyTorch does by default: weights and biases are drawn uniformly between
    /// `-1/sqrt(fanIn)` and `1/sqrt(fanIn)`, normalisations start as the identity, and PReLU slopes start at 0.25.
    func initialize(random: inout SeededGenerator) {
        func draw(_ parameter: Parameter, bound: Float) {
            let values = parameter.values
            var i = 0
            while i < parameter.count {
                values[i] = (2 * random.uniform() - 1) * bound
                i += 1
            }
        }
        for layer in weighted {
            let bound = 1 / Float(layer.weight.count / layer.weight.shape[0]).squareRoot()
            draw(layer.weight, bound: bound)
            if let bias = layer.bias { draw(bias, bound: bound) }
        }
        for layer in spectral { layer.startVectors(random: &random) }
        for layer in norms {
            layer.weight.fill(1)
            layer.bias.fill(0)
            layer.runningMean.fill(0)
            layer.runningVariance.fill(1)
        }
        for slope in slopes { slope.fill(0.25) }
        store.touch()
    }
}
