/// The projects whose checkpoints hold a generator of SRGAN. Each project has entry names that no other project uses.
public enum CheckpointFamily: String, Sendable, CaseIterable {
    /// The PyTorch reference implementation that the default configuration follows. This project uses the same entry
    /// names.
    case referenceImplementation = "write-up"
    /// eriklindernoren/PyTorch-GAN.
    case pyTorchGAN = "PyTorch-GAN"
    /// Lornatang/SRGAN-PyTorch.
    case lornatang = "Lornatang"
    /// leftthomas/SRGAN.
    case leftthomas
    /// sgrvinod/a-PyTorch-Tutorial-to-Super-Resolution.
    case sgrvinod
    /// aladdinpersson/Machine-Learning-Collection.
    case aladdinpersson
    /// krasserm/super-resolution, converted from Keras.
    case krasserm
    /// Koushik0901/Swift-SRGAN. Its separable convolutions are converted to ordinary ones.
    case swiftSRGAN = "Swift-SRGAN"

    /// Recognises the family of a state dict by its keys; nil if it is unknown.
    public init?(keys: Set<String>) {
        func has(_ wanted: String...) -> Bool { wanted.allSatisfy(keys.contains) }
        switch true {
        case has("res_block.0.res_block.0.weight"): self = .referenceImplementation
        case has("res_blocks.0.conv_block.0.weight"): self = .pyTorchGAN
        case has("trunk.0.rcb.0.weight"): self = .lornatang
        case has("block2.conv1.weight", "block8.0.conv.weight"): self = .leftthomas
        case has("conv_block1.conv_block.0.weight"): self = .sgrvinod
        case has("initial.cnn.weight", "residuals.0.block1.cnn.weight"): self = .aladdinpersson
        case has("conv_in.weight", "blocks.0.bn1.weight"): self = .krasserm
        case has("initial.cnn.depthwise.weight", "final_conv.pointwise.weight"): self = .swiftSRGAN
        default: return nil
        }
    }

    /// The value ranges, the final activation and the epsilons in the code of the family's project. The checkpoints do
    /// not contain them.
    var metadata: ModelMetadata {
        var metadata = ModelMetadata()
        switch self {
        case .pyTorchGAN:
            (metadata.inputRange, metadata.outputRange) = (.imageNet, .imageNet)
            metadata.finalActivation = .tanh
            // PyTorch-GAN's `BatchNorm2d(64, 0.8)` was meant to set the momentum, but the second argument is epsilon.
            (metadata.batchNormEpsilon, metadata.upsamplingBatchNormEpsilon) = (0.8, 1e-5)
        case .lornatang: (metadata.inputRange, metadata.outputRange) = (.unit, .unit)
        case .leftthomas, .aladdinpersson, .swiftSRGAN:
            (metadata.inputRange, metadata.outputRange) = (.unit, .signed)
            metadata.finalActivation = .tanh
        case .krasserm:
            (metadata.inputRange, metadata.outputRange) = (.unit, .signed)
            metadata.finalActivation = .tanh
            metadata.batchNormEpsilon = 1e-3
        case .sgrvinod:
            (metadata.inputRange, metadata.outputRange) = (.imageNet, .signed)
            metadata.finalActivation = .tanh
        default: break
        }
        return metadata
    }
}
