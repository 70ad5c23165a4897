/// The tensors of a checkpoint that `torch.save` wrote, read without running its pickle.
///
/// Both formats are read: the zip file (since PyTorch 1.6) and the older sequence of pickles. A network's tensors are looked
/// for at the root and in the dictionaries that training programs wrap them in.
public struct PyTorchCheckpoint: Sendable {
    /// The two formats of `torch.save`.
    public enum Container: String, Sendable {
        /// Since PyTorch 1.6.
        case zip
        /// Before, or with `_use_new_zipfile_serialization=False`.
        case legacy
    }

    /// The file's format.
    public let container: Container
    /// The keys of the dictionaries that the tensors were found in, outermost first; empty for a plain state dict.
    public let path: [String]
    /// The tensors in single precision. Integer bookkeeping entries are left out.
    public let tensors: [String: Tensor]

    /// Where tensors are looked for, first to last: averaged weights are the ones that a project evaluates and publishes.
    public static let wrappers = [
        "params_ema", "ema_state_dict", "generator_ema", "params", "model_state_dict", "state_dict", "generator",
        "netG",
        "model", "net",
    ]

    /// Whether the bytes begin as one of the two formats does.
    public static func isCheckpoint(_ bytes: [UInt8]) -> Bool {
        ZipArchive.begins(bytes) || LegacyCheckpoint.begins(bytes)
    }

    /// Reads a checkpoint.
    ///
    /// - Parameters:
    ///   - bytes: A whole file.
    ///   - name: What error messages call the file.
    /// - Throws: `notPlainData` for a pickle that asks for more than tensors in dictionaries; `truncated`, `malformed`,
    ///   `unsupportedType` for what cannot be read; `missingKey` if no tensors are found.
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
            throw NeuralNetworkError(.malformed, "\(name) is no checkpoint of PyTorch.")
        }
        let (path, entries) = try Self.unwrap(graph, name: name)
        self.path = path
        tensors = try Self.tensors(entries, graph: graph, storages: &storages, name: name)
    }

    private static let deepestWrapping = 3

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
            guard path.count < deepestWrapping, let wrapper, let inner = entries[wrapper] else {
                let keys = entries.keys.sorted().prefix(5).map { "\"\(PickleMachine.shown($0))\"" }
                throw NeuralNetworkError(
                    .missingKey,
                    "\(name) holds no tensors under a known name; its keys are \(keys.joined(separator: ", ")).")
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
        // A few bytes can describe a tensor of any size by repeating one number: what is made must be in proportion.
        var budget = 2 * storages.byteCount
        for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
            let shown = PickleMachine.shown(key)
            guard case .tensor(let index) = value else {
                throw NeuralNetworkError(.unsupportedType, "\(name): the entry \"\(shown)\" is no tensor.")
            }
            let view = graph.tensors[index]
            let storage = graph.storages[view.storage]
            if !storage.type.isFloatingPoint {
                if StateDict.isBookkeeping(key) { continue }
                throw NeuralNetworkError(
                    .unsupportedType, "\(name): the entry \"\(shown)\" holds integers, expected are parameters.")
            }
            tensors[key] = try storages.tensor(view, of: storage, entry: shown, name: name, budget: &budget)
        }
        return tensors
    }
}
