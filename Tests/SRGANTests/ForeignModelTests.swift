import Foundation
import Imaging
import NeuralNetwork
import SystemPackage
import Testing

@testable import SRGAN

/// Checkpoints in the form that other projects write them; converted models must compute what PyTorch computes
/// (scripts/fixtures/make_checkpoints.py).
struct ForeignModelTests {
    private static func bytes(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/family-\(name)", withExtension: "pth"))
        return [UInt8](try Data(contentsOf: url))
    }

    static let families: [(String, CheckpointFamily)] = [
        ("write-up", .referenceImplementation), ("pytorch-gan", .pyTorchGAN), ("lornatang", .lornatang),
        ("leftthomas", .leftthomas),
        ("aladdinpersson", .aladdinpersson), ("krasserm", .krasserm), ("sgrvinod", .sgrvinod),
    ]

    @Test(arguments: families)
    func matchesPyTorch(_ name: String, _ family: CheckpointFamily) throws {
        let foreign = try ForeignModel(bytes: Self.bytes(name), name: name)
        #expect(foreign.family == family.rawValue)
        #expect(foreign.model.metadata.scale == 4)
        // Encode and decode the file that `srgan model convert` writes.
        let model = try ModelFile(bytes: foreign.model.encoded(), name: "converted")
        #expect(model.metadata == foreign.model.metadata)
        let (input, expected) = try loadFixture("family-\(name)")
        let loaded = try LoadedGenerator(model: model)
        let (height, width) = (input.shape[1], input.shape[2])
        let output = try loaded.upscaled(
            input, keeping: PixelRegion(x: 0, y: 0, width: width, height: height),
            workspace: loaded.makeWorkspace(maximumWidth: width, maximumHeight: height))
        #expect(output.largestDifference(to: expected) < 1e-5)
    }

    /// The weights of VGG-19 may be a checkpoint too.
    @Test func tensorsOfEitherFormat() throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/family-krasserm", withExtension: "pth"))
        let tensors = try TensorFile.tensors(contentsOf: FilePath(url.path))
        #expect(tensors["conv_in.weight"]?.shape.count == 4)
        let other = try #require(Bundle.module.url(forResource: "Fixtures/features", withExtension: "safetensors"))
        #expect(try !TensorFile.tensors(contentsOf: FilePath(other.path)).isEmpty)
    }

    @Test func averagedWeightsArePreferredAndNoted() throws {
        let foreign = try ForeignModel(bytes: Self.bytes("lornatang"), name: "m")
        #expect(foreign.notes == ["The tensors were taken from \"ema_state_dict\"."])
    }

    @Test func overridesReplaceTheFamilysValues() throws {
        var overrides = ForeignModel.Overrides()
        overrides.finalActivation = .sigmoid
        overrides.inputRange = .unit
        overrides.batchNormEpsilon = 1e-5
        overrides.license = "MIT"
        let plain = try ForeignModel(bytes: Self.bytes("write-up"), name: "m").model
        let model = try ForeignModel(bytes: Self.bytes("write-up"), name: "m", overrides: overrides).model
        #expect(model.metadata.license == "MIT" && model.metadata.inputRange == .unit)
        let input = Tensor(shape: [3, 4, 5], values: (0..<60).map { Float($0 % 7) / 7 })
        let expected = try ReferenceGenerator(model: plain)(input).values.map { 1 / (1 + exp(-$0)) }
        let loaded = try LoadedGenerator(model: model)
        let output = try loaded.upscaled(
            input, keeping: PixelRegion(x: 0, y: 0, width: 5, height: 4),
            workspace: loaded.makeWorkspace(maximumWidth: 5, maximumHeight: 4))
        #expect(output.largestDifference(to: Tensor(shape: output.shape, values: expected)) < 1e-5)
    }

    private func refusal(_ keys: [String], shape: [Int] = [1]) throws -> SRGANError {
        let tensors = Dictionary(uniqueKeysWithValues: keys.map { ($0, Tensor(shape: shape)) })
        let bytes = SafetensorsFile(tensors: tensors).encoded()
        return try #require(throws: SRGANError.self) { try ForeignModel(bytes: bytes, name: "m") }
    }

    @Test func unknownNetworksAreRefusedWithTheirFirstEntries() throws {
        let error = try refusal(["layer3.weight", "layer1.weight"])
        #expect(error.code == .modelUnsupported && error.message.contains("\"layer1.weight\", \"layer3.weight\""))
    }

    @Test func loadingIsStrict() throws {
        for change in ["trunk.1.rcb.4.running_mean", "conv3.weight"] {
            var tensors = try PyTorchCheckpoint(bytes: Self.bytes("lornatang"), name: "m").tensors
            tensors["_orig_mod.\(change)"] = nil
            let bytes = SafetensorsFile(tensors: tensors).encoded()
            let error = try #require(throws: SRGANError.self) { try ForeignModel(bytes: bytes, name: "m") }
            #expect(error.code == .modelUnsupported && error.message.contains("is missing"))
        }
        var tensors = try PyTorchCheckpoint(bytes: Self.bytes("lornatang"), name: "m").tensors
        tensors["_orig_mod.attention.weight"] = Tensor(shape: [1])
        let bytes = SafetensorsFile(tensors: tensors).encoded()
        let error = try #require(throws: SRGANError.self) { try ForeignModel(bytes: bytes, name: "m") }
        #expect(error.message.contains("\"attention.weight\""))
    }

    @Test func generatorsBesideOtherNetworksAreFound() throws {
        let plain = try PyTorchCheckpoint(bytes: Self.bytes("write-up"), name: "m").tensors
        var tensors = Dictionary(uniqueKeysWithValues: plain.map { ("module.generator.\($0.key)", $0.value) })
        tensors["module.discriminator.0.weight"] = Tensor(shape: [1])
        let foreign = try ForeignModel(bytes: SafetensorsFile(tensors: tensors).encoded(), name: "m")
        #expect(foreign.family == "write-up" && foreign.model.tensors == plain)
        #expect(foreign.notes == ["1 entries of other networks in the file were left out."])
    }
}
