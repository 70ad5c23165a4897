import NeuralNetwork
import Testing

/// PyTorch's results for layers and losses: entries `layer.parameter`, `layer.input`, `layer.output`, `layer.slope` (the
/// gradient with respect to the output), `layer.…_gradient` and `layer.…_after`.
struct LayerFixture {
    private let fixture: [String: Tensor]

    init(_ name: String) throws {
        fixture = try loadFixture(name).tensors
    }

    func tensor(_ name: String) throws -> Tensor {
        try #require(fixture[name], "\(name)")
    }

    func expect(
        _ actual: Tensor, like name: String, within tolerance: Float = 1e-5,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let expected = try tensor(name)
        let same = Tensor(shape: expected.shape, values: actual.values)
        let largest = expected.values.reduce(Float(1e-3)) { max($0, abs($1)) }
        #expect(
            same.largestDifference(to: expected) <= tolerance * largest, "\(name)", sourceLocation: sourceLocation)
    }

    /// Runs a layer forward and backward and compares all results with the fixture entries that start with `name`.
    func check(
        _ name: String, kernels: String? = nil,
        _ make: (ParameterStore, ComputeContext) throws -> any Layer
    ) throws {
        var bits: [[String: Tensor]] = []
        for threads in [1, 3] {
            let context = ComputeContext(threads: threads, kernels: kernels)
            let store = ParameterStore()
            let layer = try make(store, context)
            var state = StateDict(
                Dictionary(
                    uniqueKeysWithValues: try (store.parameters + store.statistics).map {
                        ($0.name, try tensor("\(name).\($0.name.dropFirst(2))"))
                    }))
            try store.load(&state)
            let output = layer.forward(Batch(context, try tensor("\(name).input")))
            try expect(output.tensor, like: "\(name).output")
            let slope = try tensor("\(name).slope")
            // A frozen network that keeps its inputs passes gradients on and supports a second backward pass.
            (store.isFrozen, store.keepsInputs) = (true, true)
            let frozen = layer.backward(Batch(context, Tensor(shape: output.shape, values: slope.values)))
            #expect(store.gradientTensors.values.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
            (store.isFrozen, store.keepsInputs) = (false, false)
            let inputGradient = layer.backward(Batch(context, Tensor(shape: output.shape, values: slope.values)))
            #expect(frozen.tensor == inputGradient.tensor, "\(name)")
            try expect(inputGradient.tensor, like: "\(name).input_gradient")
            for (key, gradient) in store.gradientTensors {
                try expect(gradient, like: "\(name).\(key.dropFirst(2))_gradient")
            }
            for entry in store.statistics {
                let after = try #require(store.tensors[entry.name])
                try expect(after, like: "\(name).\(entry.name.dropFirst(2))_after")
            }
            bits.append(
                store.gradientTensors.merging(["output": output.tensor, "input": inputGradient.tensor]) { a, _ in a })
        }
        #expect(bits[0] == bits[1], "three threads compute different bits than one")
    }

    /// Compares a loss, and its gradient for a given weight, with the entries `loss.name` and `loss.name.gradient`.
    func expect(
        _ loss: Double, _ gradient: Batch, like name: String, weight: Float,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let expected = Double(try tensor("loss.\(name)").values[0])
        #expect(abs(loss - expected) <= 1e-6 * abs(expected), "\(name)", sourceLocation: sourceLocation)
        let whole = Tensor(shape: gradient.shape, values: gradient.tensor.values.map { $0 / weight })
        try expect(whole, like: "loss.\(name).gradient", sourceLocation: sourceLocation)
    }
}
