/// The projects whose checkpoints are recognised. Each project has entry names that no other project uses.
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
    /// BasicSR's MSRResNet.
    case msrResNet = "MSRResNet"
    /// ESRGAN and Real-ESRGAN.
    case rrdb = "RRDBNet"
    /// Real-ESRGAN's small networks.
    case srvggNetCompact = "SRVGGNetCompact"
    /// HasnainRaz/Fast-SRGAN.
    case fastSRGAN = "Fast-SRGAN"

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
        case has("conv_first.weight", "upconv1.weight"): self = .msrResNet
        case has("body.0.rdb1.conv1.weight"), has("model.1.sub.0.RDB1.conv1.0.weight"),
            has("RRDB_trunk.0.RDB1.conv1.weight"):
            self = .rrdb
        case has("body.0.weight", "body.1.weight"): self = .srvggNetCompact
        case has("neck.0.weight", "stem.0.conv1.weight"): self = .fastSRGAN
        default: return nil
        }
    }

    /// Why the family's network cannot be converted to SRGAN's generator; nil if it can.
    public var unsupportedReason: String? {
        switch self {
        case .msrResNet:
            "it adds a bilinear upscaling to its output and has LeakyReLU where the generator has PReLU"
        case .rrdb: "it uses residual-in-residual dense blocks"
        case .srvggNetCompact: "it is a plain chain of convolutions that adds a nearest-neighbour upscaling"
        case .fastSRGAN:
            // Instance normalisation has no parameters, so the checkpoint would load into a network without it, but the
            // result would be wrong: the PSNR on Set5's image "bird" is then 9.2 dB instead of 31.7 dB.
            "it uses instance normalisation, whose statistics would differ from tile to tile"
        default: nil
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
        case .leftthomas, .aladdinpersson:
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
