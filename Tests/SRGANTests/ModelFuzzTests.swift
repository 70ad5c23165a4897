import Fuzzing
import Imaging
import NeuralNetwork
import Testing

@testable import SRGAN

/// Fuzzing of networks: model files in a valid format with changed entries.
struct ModelFuzzTests {
    @Test func changedNetworks() throws {
        let kinds = [
            HashedModel(blocks: 1, channels: 2), HashedModel(blocks: 2, channels: 1, norm: false, upNorm: false),
        ]
        let models = kinds.map(\.tensors)
        // A network is built and run for each input, which takes time.
        let tally = try FuzzCampaign("model", share: 40).run { index in
            var random = SplitMix64(seed: UInt64(index))
            var tensors = models[random.below(models.count)]
            for _ in 0...random.below(3) { Self.change(&tensors, &random) }
            do {
                let model = try ModelFile(
                    bytes: SafetensorsFile(tensors: tensors, metadata: Self.metadata(&random)).encoded(), name: "m")
                let loaded = try LoadedGenerator(model: model)
                let input = Tensor(shape: [3, 2, 3], values: (0..<18).map { Float($0) / 18 })
                let output = try loaded.upscaled(
                    input, keeping: PixelRegion(x: 1, y: 0, width: 2, height: 2),
                    workspace: loaded.makeWorkspace(maximumWidth: 3, maximumHeight: 2))
                return output.shape == [3, 2 * loaded.scale, 2 * loaded.scale] ? .accepted : .wrong("\(output.shape)")
            } catch let error as SRGANError {
                return error.message.isEmpty ? .wrong("no message") : .refused
            }
        }
        #expect(tally.wrong.isEmpty, "\(tally.wrong.joined(separator: "\n"))")
        #expect(tally.accepted > 30 && tally.refused > 100, "\(tally.accepted) run, \(tally.refused) refused")
    }

    private static func change(_ tensors: inout [String: Tensor], _ random: inout SplitMix64) {
        let names = tensors.keys.sorted()
        guard !names.isEmpty else { return }
        let name = names[random.below(names.count)]
        var shape = tensors[name]!.shape
        switch random.below(8) {
        case 0: tensors[name] = nil
        case 1: tensors["res_block.1.res_block.0.weight"] = tensors[name]
        case 2:
            // Change the kernel size of all convolutions.
            let side = [1, 2, 5, 7][random.below(4)]
            for name in names where tensors[name]!.shape.count == 4 {
                let shape = Array(tensors[name]!.shape[..<2]) + [side, side]
                tensors[name] = Tensor(shape: shape, repeating: 0.1)
            }
        case 3:
            // Add upsampling blocks.
            let step = tensors["upsampling.1.weight"] == nil ? 3 : 4
            for stage in 2...(2 + random.below(80)) {
                for (name, tensor) in tensors where name.hasPrefix("upsampling.") {
                    let parts = name.split(separator: ".")
                    guard let place = Int(parts[1]), place < step else { continue }
                    tensors["upsampling.\(step * stage + place).\(parts[2])"] = tensor
                }
            }
        case 4 where !shape.isEmpty:
            shape[random.below(shape.count)] = random.below(4)
            tensors[name] = Tensor(shape: shape, repeating: 0.5)
        case 5: tensors[name] = Tensor(shape: shape.reversed(), values: tensors[name]!.values)
        case 6 where tensors[name]!.count > 0:
            let values: [Float] = [.nan, .infinity, -1, 0, 3e38, .leastNonzeroMagnitude]
            tensors[name]!.values[random.below(tensors[name]!.count)] = values[random.below(values.count)]
        default: break
        }
    }

    private static func metadata(_ random: inout SplitMix64) -> [String: String] {
        let keys = [
            "blocks", "scale", "input_range", "output_range", "final_activation", "bn_eps", "overlap_difference",
        ]
        let values = ["1", "2", "4", "0", "-1", "9223372036854775808", "unit", "signed", "tanh", "nan", "inf", ""]
        return random.below(2) == 0
            ? [:] : [keys[random.below(keys.count)]: values[random.below(values.count)]]
    }

    /// A file of a few KB must not be able to ask for a huge image.
    @Test func tooManyUpsamplingBlocksAreRefused() throws {
        let error = #expect(throws: SRGANError.self) {
            try LoadedGenerator(model: HashedModel(blocks: 1, channels: 1, stages: 70).file)
        }
        #expect(error?.code == .modelUnsupported && error?.message.contains("70 upsampling blocks") == true)
    }
}
