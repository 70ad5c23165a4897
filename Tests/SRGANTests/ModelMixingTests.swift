import NeuralNetwork
import Testing

@testable import SRGAN

/// Mixtures of the weights of two models.
struct ModelMixingTests {
    private func model(_ shape: HashedModel, factor: Float = 1, name: String) -> ModelFile {
        let tensors = shape.tensors.mapValues { tensor in
            Tensor(shape: tensor.shape, values: tensor.values.map { factor * $0 })
        }
        return ModelFile(tensors: tensors, name: name)
    }

    private let small = HashedModel(blocks: 1, channels: 16, norm: false, upNorm: false)

    @Test(arguments: [0, 0.25, 1]) func weightsAreInterpolated(texture: Double) throws {
        let (fidelity, perceptual) = (model(small, name: "a"), model(small, factor: 3, name: "b"))
        let mixture = try ModelFile.mix(fidelity, perceptual, texture: texture, sha256: "m")
        #expect(mixture.sha256 == "m" && Set(mixture.tensors.keys) == Set(fidelity.tensors.keys))
        for (name, tensor) in fidelity.tensors {
            let expected = tensor.values.map { $0 * Float(1 + 2 * texture) }
            let mixed = try #require(mixture.tensors[name])
            #expect(zip(mixed.values, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
        }
        _ = try LoadedGenerator(model: mixture)
    }

    @Test func theLargerOverlapSuitsTheMixture() throws {
        var (fidelity, perceptual) = (model(small, name: "a"), model(small, name: "b"))
        (fidelity.metadata.overlap, perceptual.metadata.overlap) = (12, 20)
        (perceptual.metadata.overlapDifference, perceptual.metadata.license) = (0.1, "MIT")
        let metadata = try ModelFile.mix(fidelity, perceptual, texture: 0.5, sha256: "m").metadata
        #expect(metadata.overlap == 20 && metadata.overlapDifference == nil && metadata.license == "MIT")
    }

    @Test func modelsOfDifferentShapesAreRefused() throws {
        func message(_ fidelity: ModelFile, _ perceptual: ModelFile) -> String? {
            #expect(throws: SRGANError.self) {
                _ = try ModelFile.mix(fidelity, perceptual, texture: 0.5, sha256: "m")
            }?.message
        }
        let perceptual = model(small, name: "b")
        let deeper = model(HashedModel(blocks: 2, channels: 16, norm: false, upNorm: false), name: "a")
        #expect(message(deeper, perceptual)?.contains("b cannot be mixed with a: only one of them has") == true)
        let wider = model(HashedModel(blocks: 1, channels: 32, norm: false, upNorm: false), name: "a")
        #expect(message(wider, perceptual)?.contains("has the shapes [16") == true)
        var other = model(small, name: "a")
        other.metadata.finalActivation = .tanh
        #expect(message(other, perceptual)?.contains("different networks") == true)
    }
}
