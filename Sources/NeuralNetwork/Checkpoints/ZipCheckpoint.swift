/// PyTorch's checkpoint format since 1.6: a zip file with one folder that holds `data.pkl`, and `data/KEY` for each
/// storage.
enum ZipCheckpoint {
    static func read(
        _ bytes: [UInt8], name: String
    ) throws(NeuralNetworkError) -> (PickleGraph, TensorStorages) {
        let archive = try ZipArchive(bytes: bytes, name: name)
        let pickles = archive.entries.keys.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
        guard pickles.count == 1, let pickle = pickles.first else {
            throw NeuralNetworkError(.malformed, "\(name) is a zip file but not a PyTorch checkpoint.")
        }
        let folder = pickle.dropLast("data.pkl".count)
        if archive.entries["\(folder)constants.pkl"] != nil {
            throw NeuralNetworkError(
                .notPlainData,
                "\(name) is a TorchScript program, not a checkpoint; nothing in it was executed. Save the network's "
                    + "state_dict().")
        }
        if archive.entries["\(folder)byteorder"] != nil {
            let order = try archive.contents(of: "\(folder)byteorder")
            guard bytes[order].elementsEqual("little".utf8) else {
                throw NeuralNetworkError(.unsupportedType, "\(name) was written by a big-endian machine.")
            }
        }
        var cursor = ByteCursor(bytes, range: try archive.contents(of: pickle), name: name)
        let graph = try PickleMachine.run(&cursor)
        let storages = TensorStorages(bytes: bytes) { (storage) throws(NeuralNetworkError) in
            let range = try archive.contents(of: "\(folder)data/\(storage.key)")
            let (size, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.size)
            guard !overflow, size == range.count else {
                throw NeuralNetworkError(
                    .malformed,
                    "\(name): the storage \"\(PickleMachine.shown(storage.key))\" does not have the stated size.")
            }
            return range
        }
        return (graph, storages)
    }
}
