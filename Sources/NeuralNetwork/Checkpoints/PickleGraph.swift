/// A value that a pickle describes.
///
/// Lists, tuples and dictionaries are named by their place in the graph: a file may nest them a million deep or in circles,
/// which must overflow no stack and leak nothing.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    /// Bytes, or an integer wider than 64 bits: legal, and of no use here.
    case opaque
    case list(Int)
    case tuple(Int)
    case dictionary(Int)
    case global(PickleGlobal)
    case storage(Int)
    case tensor(Int)
}

/// The classes and functions that a checkpoint may name. None of them is ever called: each stands for a rule of ours.
enum PickleGlobal {
    case orderedDictionary
    /// `torch._utils._rebuild_tensor_v2` and its predecessor.
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

/// What a pickle came to: its root, and the containers, storages and tensors that values refer to.
struct PickleGraph {
    /// A storage: its numbers lie elsewhere in the file, under its key.
    struct Storage {
        var key: String
        var type: TensorElementType
        var count: Int
    }

    /// A view of a storage.
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

    /// The entries of a dictionary whose keys are texts; a later entry replaces an earlier one. nil for anything else.
    func entries(_ value: PickleValue) -> [String: PickleValue]? {
        guard case .dictionary(let index) = value else { return nil }
        var result: [String: PickleValue] = [:]
        for (key, value) in dictionaries[index] {
            if case .text(let text) = key { result[text] = value }
        }
        return result
    }

    /// No tensor of PyTorch has more dimensions than this in practice.
    private static let mostDimensions = 8

    /// The integers of a short tuple or list; nil for anything else.
    func extents(_ value: PickleValue) -> [Int]? {
        let items: [PickleValue]
        switch value {
        case .tuple(let index), .list(let index): items = sequences[index]
        default: return nil
        }
        guard items.count <= Self.mostDimensions else { return nil }
        var result: [Int] = []
        for item in items {
            guard case .integer(let number) = item else { return nil }
            result.append(number)
        }
        return result
    }
}
