import NeuralNetwork
import SystemPackage

/// A generator out of another project's checkpoint, renamed to what this program's model files hold.
public struct ForeignModel: Sendable {
    /// What a checkpoint's parameters do not show and its family's code may have changed; nil keeps the family's values.
    public struct Overrides: Sendable {
        /// The range of the input.
        public var inputRange: ModelMetadata.ValueRange?
        /// The range of the output.
        public var outputRange: ModelMetadata.ValueRange?
        /// What follows the last convolution.
        public var finalActivation: Activation?
        /// The epsilon of every batch normalisation.
        public var batchNormEpsilon: Float?
        /// The licence of the weights.
        public var license: String?
        /// How the network was trained.
        public var training: String?

        /// Keeps everything.
        public init() {}
    }

    /// The activations that re-implementations put at the end.
    public enum Activation: String, Sendable, CaseIterable {
        /// Nothing.
        case none
        /// The hyperbolic tangent.
        case tanh
        /// The logistic function; written as a hyperbolic tangent of half the argument.
        case sigmoid
    }

    /// The model, complete and checked: a generator can be built of it.
    public let model: ModelFile
    /// The project that the names of its entries belong to.
    public let family: CheckpointFamily
    /// `zip`, `legacy` or `safetensors`.
    public let container: String
    /// What a person should know about the conversion; full sentences.
    public let notes: [String]

    /// Reads a checkpoint of PyTorch or a safetensors file, without running anything in it.
    ///
    /// - Throws: `modelNotFound`, `modelDamaged`, or `modelUnsupported` for a network of another shape and for a pickle that
    ///   is more than data; each names the file.
    public init(contentsOf path: FilePath, overrides: Overrides = Overrides()) throws(SRGANError) {
        try self.init(bytes: ModelFile.read(path), name: path.string, overrides: overrides)
    }

    /// Reads the bytes of a checkpoint.
    public init(bytes: [UInt8], name: String, overrides: Overrides = Overrides()) throws(SRGANError) {
        do {
            var metadata: ModelMetadata?
            var tensors: [String: Tensor]
            var notes: [String] = []
            if PyTorchCheckpoint.isCheckpoint(bytes) {
                let checkpoint = try PyTorchCheckpoint(bytes: bytes, name: name)
                tensors = checkpoint.tensors
                container = checkpoint.container.rawValue
                if !checkpoint.path.isEmpty {
                    notes.append("The tensors were taken from \"\(checkpoint.path.joined(separator: "/"))\".")
                }
            } else {
                let file = try SafetensorsFile(bytes: bytes, name: name)
                tensors = file.tensors
                container = "safetensors"
                if file.metadata["architecture"] != nil {
                    metadata = try ModelMetadata(texts: file.metadata, name: name)
                }
            }
            let (stripped, leftOut) = StateDict.strippingPrefixes(tensors)
            tensors = stripped
            if leftOut > 0 { notes.append("\(leftOut) entries of other networks in the file were left out.") }
            family = try Self.family(of: tensors, name: name)
            tensors = try family.renamed(tensors)
            var complete = metadata ?? family.metadata
            if family == .pyTorchGAN, complete.batchNormEpsilon == 0.8, stripped["conv1.1.weight"] == nil {
                (complete.batchNormEpsilon, complete.upsamplingBatchNormEpsilon) = (1e-5, nil)
                notes.append("This is PyTorch-GAN's first edition, with ReLU and an epsilon of 1e-5.")
            }
            Self.apply(overrides, to: &complete, tensors: &tensors)
            model = try Self.completed(tensors, metadata: complete, family: family, name: name)
            self.notes = notes
        } catch let error as NeuralNetworkError {
            let isDamaged = [.truncated, .malformed].contains(error.code)
            throw SRGANError(isDamaged ? .modelDamaged : .modelUnsupported, error.message, cause: error)
        } catch let error as SRGANError {
            throw error
        } catch {
            throw SRGANError(.modelUnsupported, "\(name) cannot be converted: \(error).", cause: error)
        }
    }

    private static func family(of tensors: [String: Tensor], name: String) throws(SRGANError) -> CheckpointFamily {
        guard let family = CheckpointFamily(keys: Set(tensors.keys)) else {
            let keys = tensors.keys.sorted().prefix(4).map { "\"\($0)\"" }.joined(separator: ", ")
            throw SRGANError(
                .modelUnsupported,
                "\(name) holds a network of a kind that is not known here; its entries begin with \(keys).")
        }
        if let obstacle = family.obstacle {
            throw SRGANError(
                .modelUnsupported,
                "\(name) holds \(family.rawValue), which is not SRGAN's generator and cannot be converted: \(obstacle)."
            )
        }
        return family
    }

    private static func apply(
        _ overrides: Overrides, to metadata: inout ModelMetadata, tensors: inout [String: Tensor]
    ) {
        metadata.inputRange = overrides.inputRange ?? metadata.inputRange
        metadata.outputRange = overrides.outputRange ?? metadata.outputRange
        metadata.license = overrides.license ?? metadata.license
        metadata.training = overrides.training ?? metadata.training
        if let epsilon = overrides.batchNormEpsilon {
            (metadata.batchNormEpsilon, metadata.upsamplingBatchNormEpsilon) = (epsilon, nil)
        }
        switch overrides.finalActivation {
        case nil: break
        case .some(.none): metadata.finalActivation = .none
        case .tanh: metadata.finalActivation = .tanh
        case .sigmoid:
            // sigmoid(x) = (tanh(x / 2) + 1) / 2, and the halves are exact: no network needs a third activation.
            metadata.finalActivation = .tanh
            metadata.outputRange = .signed
            for key in ["conv3.weight", "conv3.bias"] {
                tensors[key] = tensors[key].map { Tensor(shape: $0.shape, values: $0.values.map { $0 / 2 }) }
            }
        }
    }

    /// Builds the generator once, strictly, and writes down what it is.
    private static func completed(
        _ tensors: [String: Tensor], metadata: ModelMetadata, family: CheckpointFamily, name: String
    ) throws(SRGANError) -> ModelFile {
        let generator = try ReferenceGenerator(model: ModelFile(tensors: tensors, metadata: metadata, name: name))
        var metadata = metadata
        metadata.blocks = generator.blocks.count
        metadata.scale = generator.scale
        if family != .writeUp { metadata.other["converted_from"] = family.rawValue }
        return ModelFile(tensors: tensors, metadata: metadata, name: name)
    }
}
