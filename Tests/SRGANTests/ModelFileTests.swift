import Foundation
import NeuralNetwork
import SRGAN
import SystemPackage
import Testing

/// Which model files load, and the messages for those that do not.
struct ModelFileTests {
    private static let tiny = HashedModel(blocks: 1, channels: 4)

    private func message(_ change: (inout ModelFile) -> Void) -> String? {
        var model = ModelFile(tensors: Self.tiny.tensors, name: "tiny")
        change(&model)
        do {
            _ = try ReferenceGenerator(model: model)
            return nil
        } catch {
            #expect(error.code == .modelUnsupported)
            return error.message
        }
    }

    @Test func theReferenceImplementationsStateDictLoadsUnchanged() throws {
        var tensors = Self.tiny.tensors
        let bytes = SafetensorsFile(tensors: tensors).encoded()
        let file = try ModelFile(bytes: bytes, name: "plain")
        #expect(file.metadata == ModelMetadata())
        #expect(file.sha256.count == 64)
        tensors["res_block.0.res_block.1.num_batches_tracked"] = Tensor(shape: [], values: [7])
        let generator = try ReferenceGenerator(model: ModelFile(tensors: tensors, name: "tracked"))
        #expect(generator.blocks.count == 1 && generator.scale == 4 && generator.channels == 4)
        #expect(generator.receptiveFieldRadius == 10)
        #expect(try ReferenceGenerator(model: HashedModel(blocks: 16, channels: 1).file).receptiveFieldRadius == 40)
    }

    @Test func errorsNameFileAndEntry() {
        let prefix = "tiny is not an SRGAN generator: The entry "
        #expect(message { $0.tensors["conv2.0.bias"] = nil } == prefix + "\"conv2.0.bias\" is missing.")
        #expect(
            message { $0.tensors["res_block.0.res_block.4.running_var"] = nil } == prefix
                + "\"res_block.0.res_block.4.running_var\" is missing.")
        #expect(
            message { $0.tensors["extra"] = Tensor(shape: [1]) } == prefix + "\"extra\" is not part of this network.")
        #expect(
            message { $0.tensors["conv3.weight"] = Tensor(shape: [4, 4, 9, 9]) } == prefix
                + "\"conv3.weight\" has the shape [4, 4, 9, 9], not [3, 4, any, any].")
        #expect(
            message { $0.tensors = ["features.0.weight": Tensor(shape: [64, 3, 3, 3])] } == prefix
                + "\"conv1.0.weight\" is missing.")
        #expect(
            message { $0.metadata.blocks = 5 } == "tiny states 5 blocks in its metadata and has 1.")
        #expect(message { $0.metadata.scale = 2 } == "tiny states the scale 2 in its metadata and has 4.")
        #expect(message { _ in } == nil)
    }

    @Test func metadataSurvivesEncoding() throws {
        var model = ModelFile(tensors: Self.tiny.tensors, name: "tiny")
        model.metadata.blocks = 1
        model.metadata.inputRange = .unit
        model.metadata.finalActivation = .tanh
        model.metadata.batchNormEpsilon = 1e-3
        model.metadata.license = "Apache-2.0"
        model.metadata.training = "180 minutes"
        model.metadata.overlapDifference = 0.01
        model.metadata.other = ["psnr_y_set5": "31.9"]
        let read = try ModelFile(bytes: model.encoded(), name: "read")
        #expect(read.metadata == model.metadata)
        #expect(read.tensors == model.tensors)
    }

    @Test(arguments: [("architecture", "rrdb"), ("input_range", "0,255"), ("bn_eps", "-1"), ("scale", "x4")])
    func unsupportedMetadataIsRefused(_ key: String, _ value: String) {
        let bytes = SafetensorsFile(tensors: Self.tiny.tensors, metadata: [key: value]).encoded()
        let error = #expect(throws: SRGANError.self) { try ModelFile(bytes: bytes, name: "odd") }
        #expect(error?.code == .modelUnsupported)
        #expect(error?.message.contains("\"\(key)\"") == true)
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        let folder = FilePath(FileManager.default.temporaryDirectory.path).appending("srgan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let path = folder.appending("cut.safetensors")
        let missing = #expect(throws: SRGANError.self) { try ModelFile(contentsOf: path) }
        #expect(missing?.code == .modelNotFound && missing?.message.contains(path.string) == true)
        let bytes = ModelFile(tensors: Self.tiny.tensors, name: "").encoded()
        try Data(bytes.dropLast()).write(to: URL(fileURLWithPath: path.string))
        let cut = #expect(throws: SRGANError.self) { try ModelFile(contentsOf: path) }
        #expect(cut?.code == .modelDamaged && cut?.message.contains("\(path.string) is truncated") == true)
        try Data(bytes).write(to: URL(fileURLWithPath: path.string))
        #expect(try ModelFile(contentsOf: path).tensors == Self.tiny.tensors)
        #expect(throws: SRGANError.self) { try ModelFile(contentsOf: folder) }
    }
}
