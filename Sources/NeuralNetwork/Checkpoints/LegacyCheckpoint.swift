/// PyTorch's checkpoint format before version 1.6.
///
/// The file holds five pickles (magic number, protocol version, system information, the saved object, the storage
/// keys) and then the storages in the order of the keys. Each storage is an 8-byte element count followed by its
/// elements.
enum LegacyCheckpoint {
    /// The pickled magic number; every version of PyTorch writes the same bytes.
    private static let magic: [UInt8] = [
        0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    private static let protocolVersion = 1001

    static func begins(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: magic)
    }

    static func read(
        _ bytes: [UInt8], name: String
    ) throws(NeuralNetworkError) -> (PickleGraph, TensorStorages) {
        var cursor = ByteCursor(bytes, range: magic.count..<bytes.count, name: name)
        guard case .integer(protocolVersion) = try PickleMachine.run(&cursor).root else {
            throw NeuralNetworkError(.unsupportedType, "\(name) has an unknown version of PyTorch's format.")
        }
        let system = try PickleMachine.run(&cursor)
        if case .bool(false)? = system.entries(system.root)?["little_endian"] {
            throw NeuralNetworkError(.unsupportedType, "\(name) was written by a big-endian machine.")
        }
        let graph = try PickleMachine.run(&cursor)
        let ranges = try storageRanges(graph, &cursor)
        let storages = TensorStorages(bytes: bytes) { (storage) throws(NeuralNetworkError) in
            guard let range = ranges[storage.key] else {
                throw NeuralNetworkError(
                    .malformed, "\(name): the storage \"\(PickleMachine.shown(storage.key))\" is missing.")
            }
            return range
        }
        return (graph, storages)
    }

    private static func storageRanges(
        _ graph: PickleGraph, _ cursor: inout ByteCursor
    ) throws(NeuralNetworkError) -> [String: Range<Int>] {
        func malformed(_ what: String) -> NeuralNetworkError {
            NeuralNetworkError(.malformed, "\(cursor.name) is a damaged checkpoint: \(what).")
        }
        let keys = try PickleMachine.run(&cursor)
        guard case .list(let index) = keys.root else { throw malformed("its storage list is not a list") }
        let known = Dictionary(graph.storages.map { ($0.key, $0) }) { first, _ in first }
        var ranges: [String: Range<Int>] = [:]
        for item in keys.sequences[index] {
            guard case .text(let key) = item, let storage = known[key] else {
                throw malformed("it lists a storage that no tensor uses")
            }
            let count = try cursor.unsigned(bytes: 8)
            let (size, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.size)
            guard !overflow, count == UInt64(storage.count) else {
                throw malformed("the storage \"\(PickleMachine.shown(key))\" does not have the stated size")
            }
            ranges[key] = try cursor.take(size)
        }
        return ranges
    }
}
