/// The tensors of a checkpoint written by `torch.save`, read without running its pickle.
///
/// Both formats are supported: the zip file (PyTorch 1.6 and later) and the older sequence of pickles. The tensors
/// may be at the root or inside the dictionaries that training programs wrap a state dict in.
public struct PyTorchCheckpoint: Sendable {
    /// The two formats of `torch.save`.
    public enum Container: String, Sendable {
        /// PyTorch 1.6 and later.
        case zip
        /// Before 1.6, or with `_use_new_zipfile_serialization=False`.
        case legacy
    }

    /// The file's format.
    public let container: Container
    /// The keys of the wrapper dictionaries around the tensors, outermost first; empty for a plain state dict.
    public let path: [String]
    /// The tensors in single precision, without PyTorch's integer entries that only count training steps.
    public let tensors: [String: Tensor]

    /// The keys of wrapper dictionaries, in the order in which they are tried. Averaged weights come first, because
    /// projects evaluate and publish these weights.
    public static let wrappers = [
        "params_ema", "ema_state_dict", "generator_ema", "params", "model_state_dict", "state_dict", "generator",
        "netG",
        "model", "net",
    ]

    /// True when the bytes begin like a file of one of the two formats.
    public static func isCheckpoint(_ bytes: [UInt8]) -> Bool {
        ZipArchive.begins(bytes) || LegacyCheckpoint.begins(bytes)
    }

    /// Reads a checkpoint.
    ///
    /// - Parameters:
    ///   - bytes: A whole file.
    ///   - name: The file's name in error messages.
    /// - Throws: `notPlainData` for a pickle that contains more than plain data and tensors; `truncated`, `malformed`
    ///   or `unsupportedType` for a file that cannot be read; `missingKey` if it holds no tensors.
    public init(bytes: [UInt8], name: String) throws(NeuralNetworkError) {
        let graph: PickleGraph
        var storages: TensorStorages
        if ZipArchive.begins(bytes) {
            container = .zip
            (graph, storages) = try ZipCheckpoint.read(bytes, name: name)
        } else if LegacyCheckpoint.begins(bytes) {
            container = .legacy
            (graph, storages) = try LegacyCheckpoint.read(bytes, name: name)
        } else {
            throw NeuralNetworkError(.malformed, "\(name) is not a PyTorch checkpoint.")
        }
        let (path, entries) = try Self.unwrap(graph, name: name)
        self.path = path
        tensors = try Self.tensors(entries, graph: graph, storages: &storages, name: name)
    }

    private static let maximumWrapperDepth = 3

    private static func unwrap(
        _ graph: PickleGraph, name: String
    ) throws(NeuralNetworkError) -> (path: [String], entries: [String: PickleValue]) {
        var path: [String] = []
        var value = graph.root
        while let entries = graph.entries(value) {
            let hasTensors = entries.values.contains {
                if case .tensor = $0 { true } else { false }
            }
            if hasTensors { return (path, entries) }
            let wrapper = wrappers.first { graph.entries(entries[$0] ?? .none) != nil }
            guard path.count < maximumWrapperDepth, let wrapper, let inner = entries[wrapper] else {
                let keys = entries.keys.sorted().prefix(5).map { "\"\(PickleMachine.shown($0))\"" }
                throw NeuralNetworkError(
                    .missingKey,
                    "\(name) holds no tensors under a known key; its keys are \(keys.joined(separator: ", ")).")
            }
            path.append(wrapper)
            value = inner
        }
        throw NeuralNetworkError(.missingKey, "\(name) holds no dictionary of tensors.")
    }

    private static func tensors(
        _ entries: [String: PickleValue], graph: PickleGraph, storages: inout TensorStorages, name: String
    ) throws(NeuralNetworkError) -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        // A view with stride 0 can describe a tensor of any size in a few bytes. The total number of elements is
        // therefore limited in proportion to the size of the storages.
        var budget = 2 * storages.byteCount
        for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
            let shown = PickleMachine.shown(key)
            guard case .tensor(let index) = value else {
                throw NeuralNetworkError(.unsupportedType, "\(name): the entry \"\(shown)\" is not a tensor.")
            }
            let view = graph.tensors[index]
            let storage = graph.storages[view.storage]
            if !storage.type.isFloatingPoint {
                if StateDict.isBookkeeping(key) { continue }
                throw NeuralNetworkError(
                    .unsupportedType, "\(name): the entry \"\(shown)\" holds integers, not parameters.")
            }
            tensors[key] = try storages.tensor(view, of: storage, entry: shown, name: name, budget: &budget)
        }
        return tensors
    }
}
