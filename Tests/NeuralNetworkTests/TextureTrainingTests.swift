import NeuralNetwork
import Testing

/// The layers and losses of modern perceptual training compared with PyTorch; expected values from
/// scripts/fixtures/make_training_fixtures.py.
struct TextureTrainingTests {
    private let fixture: LayerFixture

    init() throws {
        fixture = try LayerFixture("training-texture")
    }

    @Test(arguments: ["bilinear", "bilinear.pixel"])
    func bilinearUpsampling(_ name: String) throws {
        try fixture.check(name) { BilinearUpsamplingLayer(context: $1) }
    }

    @Test(arguments: ["3x3", "4x4", "wide"])
    func spectralNormalisation(_ name: String) throws {
        let shape = try fixture.tensor("spectral.\(name).weight_orig").shape
        let stride = try fixture.tensor("spectral.\(name).stride").values[0]
        try fixture.check("spectral.\(name)") { store, context in
            SpectralConv2dLayer(
                "l", inputs: shape[1], outputs: shape[0], kernel: shape[2], stride: Int(stride), padding: 1,
                store: store, context: context)
        }
    }

    /// Outside training, the norm is that of the last iteration.
    @Test func spectralNormIsIteratedInTrainingOnly() throws {
        let (store, context) = (ParameterStore(), ComputeContext(threads: 1))
        let layer = SpectralConv2dLayer(
            "l", inputs: 2, outputs: 3, kernel: 3, padding: 1, store: store, context: context)
        var random = SeededGenerator(seed: 1)
        for i in 0..<layer.weight.count { layer.weight.values[i] = random.normal() }
        layer.startVectors(random: &random)
        let input = Batch(context, Tensor(shape: [1, 2, 4, 4], values: (0..<32).map { Float($0) }))
        store.isTraining = false
        let first = layer.forward(input).tensor
        #expect(layer.forward(input).tensor == first)
        store.isTraining = true
        let before = store.tensors["l.weight_v"]
        let trained = layer.forward(input).tensor
        #expect(store.tensors["l.weight_v"] != before)
        // The vectors were already close to the singular ones.
        #expect(trained.largestDifference(to: first) < 0.01 * 31)
    }

    @Test func losses() throws {
        var bits: [[Tensor]] = []
        for threads in [1, 3] {
            let context = ComputeContext(threads: threads)
            let input = Batch(context, try fixture.tensor("loss.input"))
            let target = Batch(context, try fixture.tensor("loss.target"))
            let all: [(String, (loss: Double, gradient: Batch))] = [
                ("grid", Loss.grid(input, target, period: 4, weight: 0.5, context: context)),
                ("consistency", Loss.consistency(input, target, factor: 4, weight: 0.5, context: context)),
                ("frequencies", Loss.frequencies(input, target, weight: 0.5, context: context)),
                (
                    "relativistic",
                    Loss.relativisticGenerator(generated: input, real: target, weight: 0.5, context: context)
                ),
            ]
            for (name, (loss, gradient)) in all { try fixture.expect(loss, gradient, like: name, weight: 0.5) }
            bits.append(all.map { $0.1.gradient.tensor })
        }
        #expect(bits[0] == bits[1], "three threads compute different bits than one")
    }
}
