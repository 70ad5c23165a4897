import NeuralNetwork
import Testing

@testable import SRGAN

/// Networks and files that cannot run: one clear sentence that names the kind and the reason.
struct RefusedModelTests {
    private func refusal(_ shapes: [String: [Int]], name: String = "m") throws -> SRGANError {
        let bytes = SafetensorsFile(tensors: shapes.mapValues { Tensor(shape: $0, repeating: 0.1) }).encoded()
        return try #require(throws: SRGANError.self) { try ModelFile.opening(bytes: bytes, name: name) }
    }

    @Test(arguments: [
        ("SwinIR", ["layers.0.residual_group.blocks.0.attn.relative_position_index"]),
        ("SRFormer", ["layers.0.residual_group.blocks.0.attn.aligned_relative_position_index"]),
        (
            "HAT",
            [
                "layers.0.residual_group.blocks.0.conv_block.cab.0.weight",
                "layers.0.residual_group.blocks.0.attn.qkv.weight",
            ]
        ),
        ("DAT", ["before_RG.1.weight", "layers.0.blocks.0.attn.qkv.weight"]),
        ("RGT", ["before_RG.1.weight", "layers.0.blocks.0.attn.qkv.weight", "layers.0.blocks.0.gamma"]),
        ("DRCT", ["layers.0.swin1.norm1.weight"]),
        ("ATD", ["layers.0.residual_group.td", "layers.0.residual_group.layers.0.sigma"]),
        ("OmniSR", ["residual_layer.0.residual_layer.0.layer.0.fn.0.weight"]),
        ("RCAN", ["body.0.body.0.body.0.weight", "body.0.body.0.body.3.conv_du.0.weight"]),
        ("RealPLKSR", ["feats.0.weight", "feats.1.lk.conv.weight"]),
        ("Real-CUGAN", ["unet1.conv1.conv.0.weight", "unet2.conv1.conv.0.weight"]),
        ("MoSR", ["gblocks.0.weight"]),
        ("Fast-SRGAN", ["_orig_mod.neck.0.weight", "_orig_mod.stem.0.conv1.weight"]),
    ])
    func otherFamiliesAreRefusedByName(_ family: String, _ keys: [String]) throws {
        let error = try refusal(Dictionary(uniqueKeysWithValues: keys.map { ($0, [1]) }))
        #expect(error.code == .modelUnsupported)
        #expect(error.message.hasPrefix("m holds \(family), which cannot run here: it uses"), "\(error.message)")
    }

    @Test func anONNXFileIsRefusedByNameAndByContent() throws {
        for (bytes, name) in [
            ([0x08, 0x07, 0x12, 0x07] + Array("pytorch".utf8) + [0x1A, 0x03], "model.bin"),
            ([1, 2, 3], "a/Model.ONNX"),
        ] {
            let error = try #require(throws: SRGANError.self) { try ModelFile.opening(bytes: bytes, name: name) }
            #expect(error.code == .modelUnsupported)
            #expect(error.message.contains("is an ONNX file") && error.message.contains(".pth or .safetensors"))
        }
    }

    /// Shapes of a network of `SRVGGNetCompact`.
    private func compact(inputs: Int = 3, outputs: Int = 12, activation: [Int]? = [4]) -> [String: [Int]] {
        var shapes = [
            "body.0.weight": [4, inputs, 3, 3], "body.0.bias": [4], "body.2.weight": [outputs, 4, 3, 3],
            "body.2.bias": [outputs],
        ]
        shapes["body.1.weight"] = activation
        return shapes
    }

    @Test func imagesWithAlphaAreRefused() throws {
        let error = try refusal(compact(inputs: 4, outputs: 16))
        #expect(error.message.contains("holds SRVGGNetCompact") && error.message.contains("4 channels (red, green"))
    }

    @Test func anUnknownActivationIsRefused() throws {
        #expect(try refusal(compact(activation: nil)).message.contains("another activation"))
    }

    @Test func anImpossibleNumberOfOutputsIsRefused() throws {
        #expect(try refusal(compact(outputs: 13)).message.contains("13 channels"))
        #expect(try refusal(compact(outputs: 3 * 17 * 17)).code == .modelUnsupported)
    }

    /// A file of a few KB must not be able to ask for a huge image, or to crash the program.
    @Test func hugeScalesAreRefused() throws {
        var shapes = [
            "conv_first.weight": [1, 3, 3, 3], "conv_first.bias": [1], "conv_hr.weight": [1, 1, 3, 3],
            "conv_hr.bias": [1], "conv_last.weight": [3, 1, 3, 3], "conv_last.bias": [3],
        ]
        for layer in ["body.0.conv1", "body.0.conv2"] {
            shapes["\(layer).weight"] = [1, 1, 3, 3]
            shapes["\(layer).bias"] = [1]
        }
        for step in 1...40 {
            shapes["upconv\(step).weight"] = [256, 1, 3, 3]
            shapes["upconv\(step).bias"] = [256]
        }
        #expect(try refusal(shapes).message.contains("scale"))
    }

    @Test func numbersThatAreNotFiniteAreRefused() throws {
        for value in [Float.nan, .infinity] {
            var tensors = compact().mapValues { Tensor(shape: $0, repeating: 0.1) }
            tensors["body.2.bias"]!.values[5] = value
            let bytes = SafetensorsFile(tensors: tensors).encoded()
            let error = try #require(throws: SRGANError.self) { try ModelFile.opening(bytes: bytes, name: "m") }
            #expect(error.code == .modelDamaged && error.message.contains("\"body.2.bias\""))
        }
    }

    @Test func aCutFileIsRefused() throws {
        let bytes = SafetensorsFile(tensors: compact().mapValues { Tensor(shape: $0) }).encoded()
        for count in [0, 7, 9, bytes.count / 2, bytes.count - 1] {
            let error = try #require(throws: SRGANError.self) {
                try ModelFile.opening(bytes: Array(bytes[..<count]), name: "m")
            }
            #expect(error.code == .modelDamaged && error.message.hasPrefix("m "), "\(error.message)")
        }
    }
}
