/// A value of a pickle.
///
/// Lists, tuples and dictionaries are indices into the graph, not nested values: a file may nest them a million levels
/// deep or in cycles, and such a file must not make the program overflow the stack or leak memory.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    /// Bytes, or an integer wider than 64 bits: valid in a pickle, but unused in a checkpoint.
    case opaque
    case list(Int)
    case tuple(Int)
    case dictionary(Int)
    case global(PickleGlobal)
    case storage(Int)
    case tensor(Int)
}

/// The classes and functions that a checkpoint may name. They are never called; `PickleMachine.rebuild` handles each
/// one itself.
enum PickleGlobal {
    case orderedDictionary
    /// `torch._utils._rebuild_tensor_v2`, or its predecessor `_rebuild_tensor`.
    case rebuildTensor
    case rebuildParameter
    case storage(TensorElementType)

    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", _), ("torch.cuda", _):
            guard let type = TensorElementType(storage: name) else { return nil }
            self = .storage(type)
        default: return nil
        }
    }
}

/// The result of a pickle: its root, and the containers, storages and tensors that values refer to.
struct PickleGraph {
    /// A storage. Its elements are elsewhere in the file and are found by `key`.
    struct Storage {
        var key: String
        var type: TensorElementType
        var count: Int
    }

    /// A strided view of a storage.
    struct View {
        var storage: Int
        var offset: Int
        var size: [Int]
        var stride: [Int]
    }

    var root = PickleValue.none
    /// The items of lists and tuples.
    var sequences: [[PickleValue]] = []
    var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    var storages: [Storage] = []
    var tensors: [View] = []

    /// The entries of a dictionary that have string keys; the last entry of a key wins. nil if the value is not a
    /// dictionary.
    func entries(_ value: PickleValue) -> [String: PickleValue]? {
        guard case .dictionary(let index) = value else { return nil }
        var result: [String: PickleValue] = [:]
        for (key, value) in dictionaries[index] {
            if case .text(let text) = key { result[text] = value }
        }
        return result
    }

    /// PyTorch tensors have no more dimensions than this in practice.
    private static let maximumDimensions = 8

    /// The integers of a short tuple or list; nil for any other value.
    func extents(_ value: PickleValue) -> [Int]? {
        let items: [PickleValue]
        switch value {
        case .tuple(let index), .list(let index): items = sequences[index]
        default: return nil
        }
        guard items.count <= Self.maximumDimensions else { return nil }
        var result: [Int] = []
        for item in items {
            guard case .integer(let number) = item else { return nil }
            result.append(number)
        }
        return result
    }
}
