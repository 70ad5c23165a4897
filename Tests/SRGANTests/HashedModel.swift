import Foundation
import NeuralNetwork
import SRGAN
import Testing

/// Generators with hashed weights, which Swift and Python compute alike: see `hashed` and `hashed_state` in
/// scripts/fixtures/make_fixtures.py.
struct HashedModel {
    var blocks = 16
    var channels = 64
    var norm = true
    var upNorm = true
    var slopes = 1
    /// The kernel sizes of the first, the inner and the last convolutions.
    var kernels = (first: 9, inner: 3, last: 9)
    var stages = 2

    var shapes: [String: [Int]] {
        var shapes: [String: [Int]] = [:]
        func conv(_ name: String, _ outputs: Int, _ inputs: Int, _ kernel: Int) {
            shapes["\(name).weight"] = [outputs, inputs, kernel, kernel]
            shapes["\(name).bias"] = [outputs]
        }
        func batchNorm(_ name: String, _ count: Int) {
            for entry in ["weight", "bias", "running_mean", "running_var"] { shapes["\(name).\(entry)"] = [count] }
        }
        conv("conv1.0", channels, 3, kernels.first)
        shapes["conv1.1.weight"] = [slopes]
        for block in 0..<blocks {
            let name = "res_block.\(block).res_block"
            for index in [0, 3] {
                conv("\(name).\(index)", channels, channels, kernels.inner)
                if norm { batchNorm("\(name).\(index + 1)", channels) }
            }
            shapes["\(name).2.weight"] = [slopes]
        }
        conv("conv2.0", channels, channels, kernels.inner)
        if norm { batchNorm("conv2.1", channels) }
        let step = upNorm ? 4 : 3
        for stage in 0..<stages {
            conv("upsampling.\(step * stage)", 4 * channels, channels, kernels.inner)
            if upNorm { batchNorm("upsampling.\(step * stage + 1)", 4 * channels) }
            shapes["upsampling.\(step * stage + step - 1).weight"] = [slopes]
        }
        conv("conv3", 3, channels, kernels.last)
        return shapes
    }

    var tensors: [String: Tensor] { Self.tensors(of: shapes) }

    /// Hashed weights for any network with entries of these shapes.
    static func tensors(of shapes: [String: [Int]]) -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for (ordinal, name) in shapes.keys.sorted().enumerated() {
            let shape = shapes[name]!
            let isNorm = shapes[name.replacingOccurrences(of: "weight", with: "running_mean")] != nil
            let factor: Double
            let offset: Double
            switch name {
            case _ where name.hasSuffix("running_mean") || name.hasSuffix("bias"): (factor, offset) = (0.2, -0.1)
            case _ where name.hasSuffix("running_var"): (factor, offset) = (1, 0.5)
            case _ where shape.count > 1:
                let bound = (3.0 / Double(shape[1...].reduce(1, *))).squareRoot()
                (factor, offset) = (2 * bound, -bound)
            case _ where name.hasSuffix("res_block.4.weight"): (factor, offset) = (0.3, 0.15)
            case _ where isNorm: (factor, offset) = (1, 0.5)
            default: (factor, offset) = (0.3, 0.1)
            }
            tensors[name] = hashed(ordinal: ordinal, shape: shape, factor: factor, offset: offset)
        }
        return tensors
    }

    /// The values of one entry: `factor` times a hash in [0, 1), plus `offset`.
    static func hashed(ordinal: Int, shape: [Int], factor: Double, offset: Double) -> Tensor {
        Tensor(shape: shape) { values in
            let count = shape.reduce(1, *)
            let start = UInt32(truncatingIfNeeded: ordinal &* 0x9E37_79B1)
            var i = 0
            while i < count {
                var x = UInt32(truncatingIfNeeded: i) &* 0x85EB_CA6B &+ start
                x ^= x >> 16
                x = x &* 0x7FEB_352D
                x ^= x >> 15
                x = x &* 0x846C_A68B
                x ^= x >> 16
                values[i] = Float(Double(x >> 8) / 16_777_216 * factor + offset)
                i += 1
            }
        }
    }

    var file: ModelFile { ModelFile(tensors: tensors, name: "hashed") }
}

/// Loads the input and output of a generator, made by scripts/fixtures/make_fixtures.py.
func loadFixture(_ name: String) throws -> (input: Tensor, output: Tensor) {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "safetensors"))
    let file = try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: name)
    return (try #require(file.tensors["input"]), try #require(file.tensors["output"]))
}
