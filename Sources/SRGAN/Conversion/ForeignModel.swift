import NeuralNetwork
import SystemPackage

/// A model read from another project's checkpoint: a generator of SRGAN, whose entries get this project's names, or a
/// network of another architecture, which keeps its own.
public struct ForeignModel: Sendable {
    /// Properties that a checkpoint does not contain, as stated by the user; nil keeps the value that the file or its
    /// family gives.
    public struct Overrides: Sendable {
        /// The range of the input.
        public var inputRange: ModelMetadata.ValueRange?
        /// The range of the output.
        public var outputRange: ModelMetadata.ValueRange?
        /// The activation after the last convolution.
        public var finalActivation: Activation?
        /// The epsilon of every batch normalisation.
        public var batchNormEpsilon: Float?
        /// The licence of the weights.
        public var license: String?
        /// How the network was trained.
        public var training: String?
        /// The upscaling factor, for networks whose entries do not determine it.
        public var scale: Int?

        /// Makes overrides that change nothing.
        public init() {}
    }

    /// The activations that SRGAN implementations apply after the last convolution.
    public enum Activation: String, Sendable, CaseIterable {
        /// No activation.
        case none
        /// The hyperbolic tangent.
        case tanh
        /// The logistic function, which the conversion replaces by a hyperbolic tangent of half the argument.
        case sigmoid
    }

    /// The model. It has been checked: a network can be built from it.
    public let model: ModelFile
    /// The project or architecture that the entry names belong to.
    public let family: String
    /// The file format of the checkpoint: `zip`, `legacy` or `safetensors`.
    public let container: String
    /// Remarks about the conversion for the user, in full sentences.
    public let notes: [String]

    /// Reads a PyTorch checkpoint or a safetensors file without executing anything in it.
    ///
    /// - Throws: `modelNotFound`, `modelDamaged`, or `modelUnsupported` if the network is of no supported family or a
    ///   pickle contains more than data. The message names the file.
    public init(contentsOf path: FilePath, overrides: Overrides = Overrides()) throws(SRGANError) {
        try self.init(bytes: ModelFile.read(path), name: path.string, overrides: overrides)
    }

    /// Reads the bytes of a checkpoint.
    ///
    /// - Parameter sha256: The hash that identifies the model; nil for that of the converted file.
    public init(
        bytes: [UInt8], name: String, overrides: Overrides = Overrides(), sha256: String? = nil
    ) throws(SRGANError) {
        try ONNXFile.refuse(bytes, name: name)
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
            if leftOut > 0 { notes.append("\(leftOut) entries of other networks in the file were left out.") }
            if let family = CheckpointFamily(keys: Set(stripped.keys)) {
                tensors = try family.renamed(stripped)
                var complete = metadata ?? family.metadata
                if family == .pyTorchGAN, complete.batchNormEpsilon == 0.8, stripped["conv1.1.weight"] == nil {
                    (complete.batchNormEpsilon, complete.upsamplingBatchNormEpsilon) = (1e-5, nil)
                    notes.append(
                        "This is the first version of PyTorch-GAN's generator, with ReLU and an epsilon of 1e-5.")
                }
                Self.apply(overrides, to: &complete, tensors: &tensors)
                model = try Self.completed(tensors, metadata: complete, family: family, name: name, sha256: sha256)
                self.family = family.rawValue
            } else if let architecture = Architectures.of(stripped) {
                model = try Self.completed(
                    stripped, metadata: metadata, architecture: architecture, overrides: overrides, name: name,
                    sha256: sha256)
                self.family = architecture.name
            } else {
                throw Self.refusal(of: stripped, name: name)
            }
            try model.checkNumbers()
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

    /// The error for a network of no family that can run.
    private static func refusal(of tensors: [String: Tensor], name: String) -> SRGANError {
        if let refused = RefusedNetwork.of(tensors) {
            return SRGANError(
                .modelUnsupported, "\(name) holds \(refused.name), which cannot run here: it \(refused.reason).")
        }
        let keys = tensors.keys.sorted().prefix(4).map { "\"\($0)\"" }.joined(separator: ", ")
        return SRGANError(
            .modelUnsupported, "\(name) holds an unknown kind of network; its first entries are \(keys).")
    }

    private static func apply(
        _ overrides: Overrides, to metadata: inout ModelMetadata, tensors: inout [String: Tensor]
    ) {
        metadata.inputRange = overrides.inputRange ?? metadata.inputRange
        metadata.outputRange = overrides.outputRange ?? metadata.outputRange
        metadata.license = overrides.license ?? metadata.license
        metadata.training = overrides.training ?? metadata.training
        metadata.scale = overrides.scale ?? metadata.scale
        if let epsilon = overrides.batchNormEpsilon {
            (metadata.batchNormEpsilon, metadata.upsamplingBatchNormEpsilon) = (epsilon, nil)
        }
        switch overrides.finalActivation {
        case nil: break
        case .some(.none): metadata.finalActivation = .none
        case .tanh: metadata.finalActivation = .tanh
        case .sigmoid:
            // sigmoid(x) = (tanh(x / 2) + 1) / 2. Halving the weights is exact, so tanh with the output range [-1, 1]
            // gives the same result.
            metadata.finalActivation = .tanh
            metadata.outputRange = .signed
            for key in ["conv3.weight", "conv3.bias"] {
                tensors[key] = tensors[key].map { Tensor(shape: $0.shape, values: $0.values.map { $0 / 2 }) }
            }
        }
    }

    /// Builds the generator once, to check all entries, and records its structure in the metadata.
    private static func completed(
        _ tensors: [String: Tensor], metadata: ModelMetadata, family: CheckpointFamily, name: String, sha256: String?
    ) throws(SRGANError) -> ModelFile {
        let generator = try ReferenceGenerator(
            model: ModelFile(tensors: tensors, metadata: metadata, name: name, sha256: ""))
        var metadata = metadata
        metadata.blocks = generator.blocks.count
        metadata.scale = generator.scale
        if family != .referenceImplementation { metadata.other["converted_from"] = family.rawValue }
        return ModelFile(tensors: tensors, metadata: metadata, name: name, sha256: sha256)
    }

    /// Builds the network of another architecture once, to check all entries, and records its structure.
    private static func completed(
        _ tensors: [String: Tensor], metadata stated: ModelMetadata?, architecture: any Architecture.Type,
        overrides: Overrides, name: String, sha256: String?
    ) throws(SRGANError) -> ModelFile {
        guard
            overrides.inputRange == nil, overrides.outputRange == nil, overrides.finalActivation == nil,
            overrides.batchNormEpsilon == nil
        else {
            throw SRGANError(
                .modelUnsupported,
                "\(name) holds \(architecture.name), whose value ranges, activation and epsilon are known; options for them are for generators of SRGAN."
            )
        }
        var metadata = stated ?? ModelMetadata()
        metadata.architecture = architecture.name
        (metadata.inputRange, metadata.outputRange) = (.unit, .unit)
        metadata.license = overrides.license ?? metadata.license
        metadata.training = overrides.training ?? metadata.training
        metadata.scale = overrides.scale ?? metadata.scale
        let network = try Architectures.network(
            architecture, of: ModelFile(tensors: tensors, metadata: metadata, name: name, sha256: ""))
        metadata.blocks = network.blocks
        metadata.scale = network.graph.scale
        return ModelFile(tensors: tensors, metadata: metadata, name: name, sha256: sha256)
    }
}
