import Foundation
import Imaging
import NeuralNetwork
import Testing

@testable import SRGAN

/// Networks of every architecture, spelling and scale compared with PyTorch (scripts/fixtures/make_architectures.py).
struct ArchitectureParityTests {
    /// The fixtures' names.
    static let cases: [String] = {
        let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder?.path ?? "")) ?? []
        return files.filter { $0.hasPrefix("architecture-") }.map { String($0.dropLast(".safetensors".count)) }.sorted()
    }()

    @Test func thereAreFixturesOfEveryArchitecture() throws {
        #expect(Self.cases.count > 30)
        let families = try Set(Self.cases.map { try ArchitectureFixture($0).family })
        #expect(families == Set(Architectures.all.map { $0.name } + [CheckpointFamily.swiftSRGAN.rawValue]))
    }

    @Test(arguments: cases, ["reference"] + ConvolutionKernels.namesHere)
    func matchesPyTorch(_ name: String, _ kernels: String) throws {
        let fixture = try ArchitectureFixture(name)
        let model = try fixture.model
        let loaded = try LoadedGenerator(model: model, kernels: kernels)
        for image in fixture.images {
            let difference = try fixture.difference(image, of: loaded)
            // SPAN with random weights amplifies the rounding of single precision.
            #expect(difference < (fixture.family == "SPAN" ? 1e-3 : 1e-4), "\(image.input.shape)")
        }
    }

    /// A network that `srgan model convert` writes is the same network.
    @Test(arguments: ["architecture-rrdb-old-x3", "architecture-span-x2", "architecture-swift-x2"])
    func aConvertedFileIsTheSameNetwork(_ name: String) throws {
        let fixture = try ArchitectureFixture(name)
        let foreign = try ForeignModel(bytes: fixture.bytes(), name: "m")
        #expect(foreign.family == fixture.family)
        let converted = try ModelFile.opening(bytes: foreign.model.encoded(), name: "converted")
        #expect(converted.metadata == foreign.model.metadata && converted.tensors == foreign.model.tensors)
        #expect(converted.sha256 == foreign.model.sha256)
        let loaded = try LoadedGenerator(model: converted, kernels: "reference")
        #expect(try fixture.difference(fixture.images[1], of: loaded) < 1e-4)
    }

    /// Every entry is needed, and no other one is accepted.
    @Test(arguments: cases)
    func loadingIsStrict(_ name: String) throws {
        let fixture = try ArchitectureFixture(name)
        // These entries may be missing: a folded or marked convolution of SPAN, and slopes and biases of Swift-SRGAN that
        // are never applied or count as zero.
        let optional = ["eval_conv", "no_norm", "convblock.act", "block2.act", "wise.bias"]
        let keys = fixture.tensors.keys.filter { key in !optional.contains { key.contains($0) } }.sorted()
        for key in [keys.first!, keys[keys.count / 2], keys.last!] {
            var tensors = fixture.tensors
            tensors[key] = nil
            #expect(throws: SRGANError.self, "without \(key)") {
                try ModelFile.opening(bytes: fixture.bytes(tensors), name: "m")
            }
        }
        var tensors = fixture.tensors
        tensors["attention.weight"] = Tensor(shape: [1])
        let error = try #require(throws: SRGANError.self) {
            try ModelFile.opening(bytes: fixture.bytes(tensors), name: "m")
        }
        #expect(error.message.contains("\"attention.weight\""))
    }

    /// Wrappers, prefixes, half precision, both formats of checkpoints and safetensors.
    @Test(arguments: [
        "ema-half.pth", "params-bfloat16.pth", "module.pth", "plain.pth", "half.safetensors",
    ])
    func everyContainerHoldsTheSameNetwork(_ file: String) throws {
        func opened(_ file: String) throws -> ModelFile {
            let url = Bundle.module.url(forResource: "Fixtures/container-\(file)", withExtension: nil)
            return try ModelFile.opening(bytes: [UInt8](Data(contentsOf: #require(url))), name: file)
        }
        let (model, plain) = (try opened(file), try opened("plain.pth"))
        #expect(model.metadata.architecture == "SRVGGNetCompact" && model.metadata.scale == 2)
        #expect(Set(model.tensors.keys) == Set(plain.tensors.keys))
        for (key, tensor) in plain.tensors {
            // bfloat16 has 8 significant bits.
            #expect(try #require(model.tensors[key]).largestDifference(to: tensor) < 0.005, "\(key)")
        }
    }
}

/// A network with hashed weights, and images with their upscaling by PyTorch.
struct ArchitectureFixture {
    let family: String
    let scale: String?
    let tensors: [String: Tensor]
    let images: [(input: Tensor, output: Tensor)]

    init(_ name: String) throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "safetensors"))
        let file = try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: name)
        family = try #require(file.metadata["family"])
        scale = file.metadata["scale"]
        var shapes: [String: [Int]] = [:]
        for entry in try #require(file.metadata["shapes"]).split(separator: ";") {
            let parts = entry.split(separator: "=")
            shapes[String(parts[0])] = try parts[1].split(separator: ",").map { try #require(Int($0)) }
        }
        tensors = HashedModel.tensors(of: shapes)
        images = (0..<3).compactMap { number in
            guard let input = file.tensors["input\(number)"], let output = file.tensors["output\(number)"] else {
                return nil
            }
            return (input, output)
        }
    }

    /// The network as a safetensors file, with other entries if they are given.
    func bytes(_ tensors: [String: Tensor]? = nil) -> [UInt8] {
        let metadata = scale.map { ["architecture": family, "scale": $0] } ?? [:]
        return SafetensorsFile(tensors: tensors ?? self.tensors, metadata: metadata).encoded()
    }

    var model: ModelFile {
        get throws { try ModelFile.opening(bytes: bytes(), name: "m") }
    }

    /// The largest difference to PyTorch's output, relative to the largest value or 1.
    func difference(_ image: (input: Tensor, output: Tensor), of loaded: LoadedGenerator) throws -> Float {
        // A grey image has three equal planes.
        let (height, width) = (image.input.shape[1], image.input.shape[2])
        let repeats = 3 / image.input.shape[0]
        let planes = Tensor(
            shape: [3, height, width], values: (0..<repeats).flatMap { _ in image.input.values })
        let output = try loaded.upscaled(
            planes, keeping: PixelRegion(x: 0, y: 0, width: width, height: height),
            workspace: loaded.makeWorkspace(maximumWidth: width, maximumHeight: height))
        let expected = (0..<repeats).flatMap { _ in image.output.values }
        guard output.count == expected.count else { return .infinity }
        let largest = expected.reduce(1) { max($0, abs($1)) }
        return output.largestDifference(to: Tensor(shape: output.shape, values: expected)) / largest
    }
}
