/// The projects whose checkpoints are recognised, by names of entries that no other project uses.
public enum CheckpointFamily: String, Sendable, CaseIterable {
    /// The write-up, whose names are ours.
    case writeUp = "write-up"
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

    /// The family of a state dict, or nil for one that is not known.
    public init?(keys: Set<String>) {
        func has(_ wanted: String...) -> Bool { wanted.allSatisfy(keys.contains) }
        switch true {
        case has("res_block.0.res_block.0.weight"): self = .writeUp
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

    /// What makes a family's network another one than SRGAN's generator; nil for those that are converted.
    public var obstacle: String? {
        switch self {
        case .msrResNet:
            "it adds a bilinear upscaling to its output and has LeakyReLU where the generator has PReLU"
        case .rrdb: "its blocks are residual-in-residual dense ones"
        case .srvggNetCompact: "it is a plain chain of convolutions that adds an upscaling by repetition"
        case .fastSRGAN:
            // Its entries fit our shape: instance normalisation leaves none. Loaded as ours, Set5's bird has 9.2 dB; with
            // instance normalisation 31.7.
            "its normalisation takes the statistics of the image itself, so tiles would differ from each other"
        default: nil
        }
    }

    /// Ranges, activation and epsilons of the family's code, which its parameters do not show.
    var metadata: ModelMetadata {
        var metadata = ModelMetadata()
        switch self {
        case .pyTorchGAN:
            (metadata.inputRange, metadata.outputRange) = (.imageNet, .imageNet)
            metadata.finalActivation = .tanh
            // `BatchNorm2d(64, 0.8)` was meant to set the momentum; the second argument is epsilon.
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
