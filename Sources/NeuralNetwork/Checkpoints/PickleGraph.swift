/// A value in a pickle, Python's serialisation format.
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

/// The classes and functions that a checkpoint may name. They are never called: `PickleMachine.rebuild` computes their
/// results itself.
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

/// The result of interpreting a pickle: its root value, and the containers, storages and tensors that values refer to.
struct PickleGraph {
    /// A storage: the flat array that holds the elements of one or more tensors. The elements are stored outside the
    /// pickle, under the name `key`.
    struct Storage {
        var key: String
        var type: TensorElementType
        var count: Int
    }

    /// A tensor: a strided view of a storage.
    struct View {
        var storage: Int
        var offset: Int
        var size: [Int]
        var stride: [Int]
    }

    var root = PickleValue.none
    /// The items of each list and tuple.
    var sequences: [[PickleValue]] = []
    var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    var storages: [Storage] = []
    var tensors: [View] = []

    /// The entries of a dictionary whose keys are strings; if a key occurs twice, the last entry counts. nil if the
    /// value is not a dictionary.
    func entries(_ value: PickleValue) -> [String: PickleValue]? {
        guard case .dictionary(let index) = value else { return nil }
        var result: [String: PickleValue] = [:]
        for (key, value) in dictionaries[index] {
            if case .text(let text) = key { result[text] = value }
        }
        return result
    }

    /// The maximum number of dimensions; PyTorch tensors have no more in practice.
    private static let maximumDimensions = 8

    /// The integers of a tuple or list of at most `maximumDimensions` items; nil for any other value.
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
