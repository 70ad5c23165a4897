import Imaging
import NeuralNetwork
import SRGAN
import Testing

/// Whole generators compared with PyTorch: the reference network and the loaded generator with its fast kernels.
struct GeneratorParityTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var model: HashedModel
    }

    static let cases = [
        Case(testDescription: "16-blocks", model: HashedModel(blocks: 16)),
        Case(testDescription: "5-blocks", model: HashedModel(blocks: 5)),
        Case(testDescription: "paper", model: HashedModel(blocks: 2, upNorm: false)),
        Case(testDescription: "no-norm", model: HashedModel(blocks: 3, norm: false, upNorm: false)),
        Case(testDescription: "slopes", model: HashedModel(blocks: 2, slopes: 64)),
        Case(testDescription: "narrow", model: HashedModel(blocks: 2, channels: 17, slopes: 17)),
        Case(testDescription: "one-pixel", model: HashedModel(blocks: 2)),
        Case(testDescription: "strip", model: HashedModel(blocks: 1, channels: 16)),
    ]

    @Test(arguments: cases)
    func referenceGenerator(_ test: Case) throws {
        let (input, expected) = try loadFixture("generator-\(test.testDescription)")
        let generator = try ReferenceGenerator(model: test.model.file)
        let output = generator(Tensor(shape: input.shape, values: input.values.map { $0 * 2 - 1 }))
        #expect(output.largestDifference(to: expected) < 2e-5)
    }

    @Test(arguments: cases)
    func loadedGenerator(_ test: Case) throws {
        let (input, expected) = try loadFixture("generator-\(test.testDescription)")
        let loaded = try LoadedGenerator(model: test.model.file)
        let (height, width) = (input.shape[1], input.shape[2])
        let output = try loaded.upscaled(
            input, keeping: PixelRegion(x: 0, y: 0, width: width, height: height),
            workspace: loaded.makeWorkspace(maximumWidth: width, maximumHeight: height))
        let signed = Tensor(shape: output.shape, values: output.values.map { $0 * 2 - 1 })
        // 2e-5 for outputs of up to 1; these outputs reach 2.2.
        #expect(signed.largestDifference(to: expected) < 4e-5)
    }
}

extension LoadedGenerator {
    /// Calls `upscale` with tensors.
    func upscaled(_ input: Tensor, keeping: PixelRegion, workspace: Workspace) throws -> Tensor {
        var output = Tensor(shape: [3, scale * keeping.height, scale * keeping.width])
        try input.values.withUnsafeBufferPointer { pixels in
            try output.values.withUnsafeMutableBufferPointer { values in
                try upscale(
                    pixels, width: input.shape[2], height: input.shape[1], keeping: keeping, into: values,
                    workspace: workspace)
            }
        }
        return output
    }
}
