import NeuralNetwork

/// A family of published networks that is recognised in order to say why it cannot run.
struct RefusedNetwork {
    /// The family's usual name.
    let name: String
    /// The reason, as the rest of a sentence that begins with "it".
    let reason: String
    /// Starts of names, each of which an entry of such a network has.
    private let prefixes: [String]

    private init(_ name: String, _ reason: String, _ prefixes: String...) {
        (self.name, self.reason, self.prefixes) = (name, reason, prefixes)
    }

    private static let attention = "uses attention, and srgan runs convolutional networks"
    private static let statistics =
        "uses averages over the whole image, which would differ from tile to tile"
    private static let both = "uses attention and averages over the whole image, and srgan runs convolutional networks"

    /// The families; the first one that matches counts.
    private static let all = [
        RefusedNetwork("HAT", both, "layers.0.residual_group.blocks.0.conv_block.cab."),
        RefusedNetwork("ATD", both, "layers.0.residual_group.td"),
        RefusedNetwork("SRFormer", attention, "layers.0.residual_group.blocks.0.attn.aligned_relative_position_index"),
        RefusedNetwork("SwinIR", attention, "layers.0.residual_group.blocks.0.attn."),
        RefusedNetwork("DRCT", attention, "layers.0.swin1."),
        RefusedNetwork("RGT", both, "before_RG.1.", "layers.0.blocks.0.gamma"),
        RefusedNetwork("DAT", both, "before_RG.1.", "layers.0.blocks.0.attn."),
        RefusedNetwork("OmniSR", both, "residual_layer.0.residual_layer.0.layer."),
        RefusedNetwork("RCAN", statistics, "body.0.body.0.body.3.conv_du."),
        RefusedNetwork("RealPLKSR", statistics, "feats.0.", "feats.1.lk."),
        RefusedNetwork("Real-CUGAN", statistics, "unet1.conv1.conv.0.", "unet2."),
        RefusedNetwork("MoSR", "uses gated layers, which srgan does not run", "gblocks.0."),
        RefusedNetwork("Fast-SRGAN", statistics, "neck.0.", "stem.0.conv1."),
    ]

    /// The family of a state dict; nil if it is none of these.
    static func of(_ tensors: [String: Tensor]) -> RefusedNetwork? {
        all.first { network in
            network.prefixes.allSatisfy { prefix in tensors.keys.contains { $0.hasPrefix(prefix) } }
        }
    }
}
