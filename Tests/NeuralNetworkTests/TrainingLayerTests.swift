import NeuralNetwork
import Testing

/// Every training layer, forward and backward, compared with PyTorch; expected values from
/// scripts/fixtures/make_training_fixtures.py. One thread and three threads must give the same bits.
struct TrainingLayerTests {
    private let fixture: LayerFixture

    init() throws {
        fixture = try LayerFixture("training-layers")
    }

    private func tensor(_ name: String) throws -> Tensor { try fixture.tensor(name) }

    private func fill(_ parameter: Parameter, _ name: String) throws {
        let values = try tensor(name).values
        for i in 0..<parameter.count { parameter.values[i] = values[i] }
    }

    @Test(
        arguments: [
            "3x3", "groups", "bands", "first", "last", "stride2", "odd", "narrow", "1x1", "valid", "stride3",
            "onepixel", "wide",
        ])
    func conv2d(_ name: String) throws {
        let numbers = try tensor("conv.\(name).stride_padding").values
        let shape = try tensor("conv.\(name).weight").shape
        for kernels in ConvolutionKernelTests.names {
            try fixture.check("conv.\(name)", kernels: kernels) { store, context in
                Conv2dLayer(
                    "l", inputs: shape[1], outputs: shape[0], kernel: shape[2], stride: Int(numbers[0]),
                    padding: Int(numbers[1]), store: store, context: context)
            }
        }
    }

    /// 16 input channels use the Winograd kernels, other counts use matrix products.
    @Test(arguments: [(16, 9, 2), (16, 5, 3), (4, 9, 3), (5, 3, 1)])
    func aShuffledConvolutionEqualsBothLayers(inputs: Int, kernel: Int, outputs: Int) {
        for kernels in ConvolutionKernelTests.names {
            let context = ComputeContext(threads: 2, kernels: kernels)
            var random = SeededGenerator(seed: 5)
            func draw(_ shape: [Int]) -> Batch {
                Batch(
                    context, Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in random.normal() }))
            }
            let (input, gradient) = (draw([2, 4 * inputs, 7, 6]), draw([2, outputs, 14, 12]))
            var results: [[String: Tensor]] = []
            for isJoined in [false, true] {
                let store = ParameterStore()
                let layer: any Layer =
                    isJoined
                    ? ShuffledConv2dLayer(
                        "l", inputs: inputs, outputs: outputs, kernel: kernel, store: store, context: context)
                    : Sequential([
                        PixelShuffleLayer(factor: 2, context: context),
                        Conv2dLayer(
                            "l", inputs: inputs, outputs: outputs, kernel: kernel, padding: kernel / 2, store: store,
                            context: context),
                    ])
                var weights = SeededGenerator(seed: 6)
                for parameter in 0..<store.parameterCount { store.values.start[parameter] = weights.normal() }
                store.touch()
                // Twice, because gradients accumulate.
                var tensors: [String: Tensor] = [:]
                for _ in 0..<2 {
                    tensors["output"] = layer.forward(input).tensor
                    tensors["input"] = layer.backward(gradient).tensor
                }
                results.append(tensors.merging(store.gradientTensors) { a, _ in a })
            }
            #expect(results[0].count == 4)
            for (name, expected) in results[0] {
                let actual = results[1][name]
                #expect(actual?.shape == expected.shape)
                let largest = expected.values.map(abs).max() ?? 0
                let difference = zip(expected.values, actual?.values ?? []).map { abs($0 - $1) }.max() ?? .infinity
                #expect(difference <= 2e-5 * largest, "\(name), \(kernels): \(difference) of \(largest)")
            }
        }
    }

    /// Layers with many weights are computed in parts; each part must equal a layer with few weights.
    @Test(arguments: ConvolutionKernelTests.names)
    func aWideLayerEqualsItsParts(_ kernels: String) throws {
        let (inputs, outputs, taps) = (128, 256, 9)
        var random = SeededGenerator(seed: 3)
        func draw(_ shape: [Int]) -> Tensor {
            Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in random.normal() })
        }
        let weights = draw([outputs, inputs, 3, 3]).values
        let (input, slope) = (draw([2, inputs, 7, 6]), draw([2, outputs, 4, 3]))
        let context = ComputeContext(threads: 2, kernels: kernels)
        func channels(_ tensor: Tensor, _ range: Range<Int>) -> [Float] {
            let area = tensor.shape[2] * tensor.shape[3]
            return (0..<2).flatMap { n in
                tensor.values[((n * tensor.shape[1] + range.lowerBound) * area)...].prefix(range.count * area)
            }
        }
        // Runs a range of the layer's inputs and outputs, forward and backward.
        func run(_ from: Range<Int>, _ to: Range<Int>) -> (output: Tensor, gradient: Tensor) {
            func part(_ tensor: Tensor, _ range: Range<Int>) -> Batch {
                let shape = [2, range.count, tensor.shape[2], tensor.shape[3]]
                return Batch(context, Tensor(shape: shape, values: channels(tensor, range)))
            }
            let store = ParameterStore()
            let layer = Conv2dLayer(
                "l", inputs: from.count, outputs: to.count, kernel: 3, stride: 2, padding: 1, store: store,
                context: context)
            layer.bias.fill(0.5)
            let count = from.count * taps
            for (i, output) in to.enumerated() {
                let kernels = Array(weights[((output * inputs + from.lowerBound) * taps)...].prefix(count))
                (layer.weight.values + i * count).update(from: kernels, count: count)
            }
            store.touch()
            let result = layer.forward(part(input, from)).tensor
            return (result, layer.backward(part(slope, to)).tensor)
        }
        let whole = run(0..<inputs, 0..<outputs)
        for first in stride(from: 0, to: outputs, by: 64) {
            let range = first..<first + 64
            #expect(channels(whole.output, range) == run(0..<inputs, range).output.values, "outputs from \(first)")
        }
        for first in stride(from: 0, to: inputs, by: 64) {
            let range = first..<first + 64
            #expect(channels(whole.gradient, range) == run(range, 0..<outputs).gradient.values, "inputs from \(first)")
        }
    }

    @Test(arguments: [true, false])
    func batchNorm2d(isTraining: Bool) throws {
        for kernels in ConvolutionKernelTests.names {
            try fixture.check("norm.\(isTraining ? "training" : "evaluation")", kernels: kernels) { store, context in
                store.isTraining = isTraining
                return BatchNorm2dLayer(
                    "l", channels: 21, momentum: 0.8, epsilon: 1e-3, store: store, context: context)
            }
        }
    }

    /// An activation fused into the preceding layer gives the same bits, forward and backward, as a separate one.
    @Test(arguments: ["3x3", "groups", "first", "last", "stride2", "narrow", "norm"])
    func fusedActivations(_ name: String) throws {
        let isNorm = name == "norm"
        let shape = try isNorm ? [] : tensor("conv.\(name).weight").shape
        let numbers = try isNorm ? [] : tensor("conv.\(name).stride_padding").values
        let source = isNorm ? "norm.training" : "conv.\(name)"
        for kernels in ConvolutionKernelTests.names {
            for slope: Float in [0, 0.2] {
                var bits: [[String: Tensor]] = []
                for isWithin in [true, false] {
                    let context = ComputeContext(threads: 2, kernels: kernels)
                    let store = ParameterStore()
                    store.isTraining = true
                    let layer: any Layer =
                        isNorm
                        ? BatchNorm2dLayer(
                            "l", channels: 21, slope: isWithin ? slope : 1, store: store, context: context)
                        : Conv2dLayer(
                            "l", inputs: shape[1], outputs: shape[0], kernel: shape[2], stride: Int(numbers[0]),
                            padding: Int(numbers[1]), slope: isWithin ? slope : nil, store: store, context: context)
                    var state = StateDict(
                        try (store.parameters + store.statistics).reduce(into: [:]) {
                            $0[$1.name] = try tensor("\(source).\($1.name.dropFirst(2))")
                        })
                    try store.load(&state)
                    let activation = LeakyReLULayer(slope: slope, store: store, context: context)
                    let whole = isWithin ? layer : Sequential([layer, activation])
                    let output = whole.forward(Batch(context, try tensor("\(source).input")))
                    let gradient = whole.backward(Batch(context, try tensor("\(source).slope")))
                    bits.append(
                        store.gradientTensors.merging(["output": output.tensor, "input": gradient.tensor]) { a, _ in a }
                    )
                    #expect(output.tensor.values.contains { $0 <= 0 } && output.tensor.values.contains { $0 > 0 })
                }
                #expect(bits[0] == bits[1], "\(kernels), slope \(slope)")
            }
        }
    }

    /// The gradient of an activation, computed by the next convolution, has the same bits as that of a separate
    /// layer: for Winograd kernels and matrix products, with and without a stride, with and without a pooling in
    /// between.
    @Test(arguments: [(16, 1), (16, 2), (5, 1), (5, 2)])
    func activationGradientsInTheNextConvolution(channels: Int, stride: Int) {
        for kernels in ConvolutionKernelTests.names {
            for (slope, isPooled) in [(Float(0), true), (0, false), (0.2, true), (0.2, false)] {
                var bits: [[String: Tensor]] = []
                for isWithin in [true, false] {
                    let context = ComputeContext(threads: 2, kernels: kernels)
                    let store = ParameterStore()
                    let first = Conv2dLayer(
                        "a", inputs: 3, outputs: channels, kernel: 3, padding: 1, slope: isWithin ? slope : nil,
                        store: store, context: context)
                    let last = Conv2dLayer(
                        "b", inputs: channels, outputs: channels, kernel: 3, stride: stride, padding: 1,
                        after: isWithin ? first : nil, store: store, context: context)
                    var layers: [any Layer] = [first]
                    if !isWithin { layers.append(LeakyReLULayer(slope: slope, store: store, context: context)) }
                    if isPooled { layers.append(MaxPool2dLayer(kernel: 2, stride: 2, context: context)) }
                    let network = Sequential(layers + [last])
                    var random = SeededGenerator(seed: 8)
                    for i in 0..<store.parameterCount { store.values.start[i] = random.normal() }
                    store.touch()
                    func draw(_ shape: [Int]) -> Batch {
                        Batch(
                            context,
                            Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in random.normal() }))
                    }
                    let output = network.forward(draw([2, 3, 13, 14]))
                    let gradient = network.backward(draw(output.shape))
                    bits.append(
                        store.gradientTensors.merging(["output": output.tensor, "input": gradient.tensor]) { a, _ in a }
                    )
                }
                #expect(bits[0] == bits[1], "\(kernels), slope \(slope), pooled: \(isPooled)")
                #expect(bits[0]["a.weight"]?.values.contains { $0 != 0 } == true)
            }
        }
    }

    /// Before a normalisation in training mode a bias has no effect; omitting its gradient must not change the other
    /// gradients.
    @Test func aNormalizedBiasHasNoGradient() {
        for isTraining in [true, false] {
            var gradients: [[String: Tensor]] = []
            for isNormalized in [true, false] {
                let context = ComputeContext(threads: 2)
                let store = ParameterStore()
                store.isTraining = isTraining
                let convolution = Conv2dLayer(
                    "a", inputs: 3, outputs: 16, kernel: 3, padding: 1, isNormalized: isNormalized, store: store,
                    context: context)
                let norm = BatchNorm2dLayer("b", channels: 16, store: store, context: context)
                let network = Sequential([convolution, norm])
                var random = SeededGenerator(seed: 9)
                for i in 0..<store.parameterCount { store.values.start[i] = random.normal() }
                norm.runningVariance.fill(0.5)
                store.touch()
                func draw(_ shape: [Int]) -> Batch {
                    Batch(
                        context, Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in random.normal() }))
                }
                let output = network.forward(draw([2, 3, 9, 8]))
                _ = network.backward(draw(output.shape))
                gradients.append(store.gradientTensors)
            }
            let (with, without) = (gradients[0]["a.bias"]?.values ?? [], gradients[1]["a.bias"]?.values ?? [])
            let weights = gradients[1]["a.weight"]?.values.map(abs).max() ?? 0
            #expect(with.count == 16 && without.count == 16)
            if isTraining {
                #expect(with.allSatisfy { $0 == 0 })
                #expect(without.allSatisfy { abs($0) < 1e-5 * weights }, "\(without) is not rounding")
            } else {
                #expect(with == without && with.contains { abs($0) > 1e-3 * weights })
            }
            gradients[0]["a.bias"] = nil
            gradients[1]["a.bias"] = nil
            #expect(gradients[0] == gradients[1] && gradients[0].count == 3)
        }
    }

    @Test func prelu() throws {
        try fixture.check("shared") { PReLULayer("l", store: $0, context: $1) }
        try fixture.check("each") { PReLULayer("l", slopes: 21, store: $0, context: $1) }
        try fixture.check("leaky") { LeakyReLULayer(slope: 0.2, store: $0, context: $1) }
        try fixture.check("relu") { LeakyReLULayer(slope: 0, store: $0, context: $1) }
    }

    @Test func shapes() throws {
        try fixture.check("shuffle") { PixelShuffleLayer(factor: 2, context: $1) }
        try fixture.check("pool") { MaxPool2dLayer(kernel: 2, stride: 2, context: $1) }
        try fixture.check("overlapping") { MaxPool2dLayer(kernel: 3, stride: 2, context: $1) }
    }

    @Test func linear() throws {
        try fixture.check("linear") { store, context in
            Sequential([
                FlattenLayer(context: context),
                LinearLayer("l.1", inputs: 45, outputs: 70, store: store, context: context),
            ])
        }
    }

    @Test func losses() throws {
        let context = ComputeContext(threads: 2)
        let input = Batch(context, try tensor("loss.input"))
        let target = Batch(context, try tensor("loss.target"))
        let logits = Batch(context, Tensor(shape: input.shape, values: input.tensor.values.map { 30 * $0 }))
        let all: [(String, (loss: Double, gradient: Batch))] = [
            ("mse", Loss.meanSquaredError(input, target, weight: 0.5, context: context)),
            ("l1", Loss.meanAbsoluteError(input, target, weight: 0.5, context: context)),
            ("psnr", Loss.negativePSNR(input, target, weight: 0.5, context: context)),
            ("ones", Loss.meanSquaredError(input, target: 1, weight: 0.5, context: context)),
            ("variation", Loss.totalVariation(input, weight: 0.5, context: context)),
            // The fixture holds the gradient with respect to the input; the logits are 30 times the input.
            ("bce", Loss.binaryCrossEntropy(logits: logits, target: 1, weight: 15, context: context)),
        ]
        for (name, (loss, gradient)) in all {
            try fixture.expect(loss, gradient, like: name, weight: 0.5)
        }
    }

    @Test(arguments: ["plain", "decay"])
    func adam(_ name: String) throws {
        let context = ComputeContext(threads: 2)
        let store = ParameterStore()
        let parameter = store.addParameter("p", shape: [70])
        try fill(parameter, "adam.\(name).values")
        let adam = Adam(
            store, learningRate: 0.01, beta1: 0.5, beta2: 0.999, weightDecay: name == "decay" ? 0.1 : 0,
            context: context)
        let gradients = try tensor("adam.\(name).gradients").values
        for step in 0..<5 {
            for i in 0..<70 { parameter.gradients[i] = gradients[step * 70 + i] }
            adam.step()
        }
        try fixture.expect(try #require(store.tensors["p"]), like: "adam.\(name).after")
    }

    /// A frozen network passes gradients on; the gradients of its parameters stay zero.
    @Test func frozenParametersGetNoGradient() throws {
        let context = ComputeContext(threads: 1)
        let store = ParameterStore()
        let network = Sequential([
            Conv2dLayer("a", inputs: 3, outputs: 16, kernel: 3, padding: 1, store: store, context: context),
            BatchNorm2dLayer("b", channels: 16, store: store, context: context),
            PReLULayer("c", store: store, context: context),
        ])
        for i in 0..<store.parameterCount { store.values.start[i] = Float(i % 7) / 7 - 0.3 }
        store.touch()
        store.isFrozen = true
        let input = Batch(
            context, Tensor(shape: [1, 3, 6, 6], values: (0..<108).map { Float($0 % 11) / 11 - 0.4 }))
        let output = network.forward(input)
        let gradient = network.backward(
            Batch(context, Tensor(shape: output.shape, values: output.tensor.values.map { $0 * $0 + 0.1 })))
        #expect(gradient.tensor.values.contains { $0 != 0 })
        #expect(store.gradientTensors.values.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
    }
}
