/// The rules for the classes and functions that a checkpoint may name.
extension PickleMachine {
    /// Looks up a class or function by name. A name that is not in `PickleGlobal` is an error.
    func global(module: String, name symbol: String) throws(NeuralNetworkError) -> PickleGlobal {
        guard let global = PickleGlobal(module: module, name: symbol) else {
            throw NeuralNetworkError(
                .notPlainData,
                "\(name) refers to \"\(Self.shown("\(module).\(symbol)"))\", so it is not plain data; nothing in it was "
                    + "executed. Save only the network's state_dict().")
        }
        return global
    }

    /// Returns the value that Python's `callable` would return, without calling it.
    mutating func rebuild(
        _ callable: PickleValue, arguments: PickleValue
    ) throws(NeuralNetworkError) -> PickleValue {
        guard case .global(let global) = callable, case .tuple(let index) = arguments else {
            throw malformed("it calls a value that is not a function")
        }
        let arguments = graph.sequences[index]
        switch global {
        case .orderedDictionary: return try orderedDictionary(arguments)
        case .rebuildTensor: return try tensor(arguments)
        case .rebuildParameter:
            guard case .tensor? = arguments.first else { throw malformed("a parameter is not a tensor") }
            return arguments[0]
        case .storage: throw malformed("it constructs a storage")
        }
    }

    /// Builds the dictionary of `OrderedDict()` or `OrderedDict([[key, value], ...])`.
    private mutating func orderedDictionary(_ arguments: [PickleValue]) throws(NeuralNetworkError) -> PickleValue {
        var entries: [(key: PickleValue, value: PickleValue)] = []
        if let first = arguments.first {
            guard case .list(let index) = first else { throw malformed("an OrderedDict is not made from a list") }
            // A pickle may use the same list many times, so the number of copied items is limited.
            copied += graph.sequences[index].count
            guard copied <= Self.maximumPickleSize else { throw malformed("it is too long") }
            for item in graph.sequences[index] {
                switch item {
                case .list(let pair), .tuple(let pair):
                    guard graph.sequences[pair].count == 2 else { throw malformed("an entry is not a pair") }
                    entries.append((graph.sequences[pair][0], graph.sequences[pair][1]))
                default: throw malformed("an entry is not a pair")
                }
            }
        }
        graph.dictionaries.append(entries)
        return .dictionary(graph.dictionaries.count - 1)
    }

    /// Builds a tensor from `(storage, offset, size, stride, ...)`; the remaining arguments only concern gradients.
    private mutating func tensor(_ arguments: [PickleValue]) throws(NeuralNetworkError) -> PickleValue {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
            let size = graph.extents(arguments[2]), let stride = graph.extents(arguments[3])
        else { throw malformed("a tensor has invalid arguments") }
        graph.tensors.append(PickleGraph.View(storage: storage, offset: offset, size: size, stride: stride))
        return .tensor(graph.tensors.count - 1)
    }

    /// Returns the storage that an identifier describes: `("storage", class, key, device, count)`; the old format adds
    /// a sixth element: None or a view.
    mutating func storage(persistentIdentifier value: PickleValue) throws(NeuralNetworkError) -> PickleValue {
        guard case .tuple(let index) = value, graph.sequences[index].count >= 5 else {
            throw malformed("a storage has an invalid description")
        }
        let parts = graph.sequences[index]
        guard case .text("storage") = parts[0], case .global(.storage(let type)) = parts[1],
            case .text(let key) = parts[2], case .integer(let count) = parts[4], count >= 0
        else { throw malformed("a storage has an invalid description") }
        if parts.count > 5 {
            guard case .none = parts[5] else {
                throw NeuralNetworkError(
                    .unsupportedType,
                    "\(name) holds storage views, which PyTorch before 0.4 wrote; load it in PyTorch and save it again."
                )
            }
        }
        if let known = storageByKey[key] {
            guard graph.storages[known].type == type, graph.storages[known].count == count else {
                throw malformed("the storage \"\(Self.shown(key))\" has two different descriptions")
            }
            return .storage(known)
        }
        graph.storages.append(PickleGraph.Storage(key: key, type: type, count: count))
        storageByKey[key] = graph.storages.count - 1
        return .storage(graph.storages.count - 1)
    }
}
