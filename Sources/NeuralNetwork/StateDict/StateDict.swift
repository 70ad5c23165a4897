/// The parameters of a network by name. Each entry is taken out once, so a missing or an unknown entry is detected.
///
/// A network takes every entry that it needs and then calls `finish()`, which throws if an entry is left. Loading is
/// strict because a network that lacks an entry would compute wrong results.
public struct StateDict: Sendable {
    /// The entries that have not been taken yet.
    public private(set) var remaining: [String: Tensor]

    /// Starts with a network's entries, without PyTorch's counters of training steps (`num_batches_tracked`).
    public init(_ tensors: [String: Tensor]) {
        remaining = tensors.filter { !Self.isBookkeeping($0.key) }
    }

    /// True for an entry that only counts training steps.
    public static func isBookkeeping(_ key: String) -> Bool {
        key.hasSuffix("num_batches_tracked")
    }

    /// The shape of an entry; nil if there is none.
    public func shape(of key: String) -> [Int]? {
        remaining[key]?.shape
    }

    /// Removes an entry and returns it.
    ///
    /// - Parameter shape: The expected shape; nil for a dimension accepts any extent.
    /// - Throws: `missingKey` or `wrongShape`; the message names the entry.
    public mutating func take(_ key: String, shape expected: [Int?]) throws(NeuralNetworkError) -> Tensor {
        guard let tensor = remaining.removeValue(forKey: key) else {
            throw NeuralNetworkError(.missingKey, "The entry \"\(key)\" is missing.")
        }
        let fits =
            tensor.shape.count == expected.count
            && zip(tensor.shape, expected).allSatisfy { $1 == nil || $0 == $1 }
        guard fits else {
            let wanted = expected.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            throw NeuralNetworkError(
                .wrongShape, "The entry \"\(key)\" has the shape \(tensor.shape), not [\(wanted)].")
        }
        return tensor
    }

    /// Checks that every entry has been taken.
    public func finish() throws(NeuralNetworkError) {
        guard let key = remaining.keys.min() else { return }
        let others = remaining.count == 1 ? "" : " (and \(remaining.count - 1) more)"
        throw NeuralNetworkError(.extraKey, "The entry \"\(key)\"\(others) is not part of this network.")
    }
}
