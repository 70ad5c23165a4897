/// The parameters of a network by name, taken out one by one so that nothing is missed and nothing is left.
///
/// A network asks for every entry that it has and then calls `finish()`. Loading is strict on purpose: a project that
/// loaded loosely ran on half-random weights and measured 8.9 dB.
public struct StateDict: Sendable {
    /// What has not been taken yet.
    public private(set) var remaining: [String: Tensor]

    /// Starts with all entries of a network. `num_batches_tracked` is PyTorch's bookkeeping and is left out.
    public init(_ tensors: [String: Tensor]) {
        remaining = tensors.filter { !Self.isBookkeeping($0.key) }
    }

    /// Whether an entry only counts training steps.
    public static func isBookkeeping(_ key: String) -> Bool {
        key.hasSuffix("num_batches_tracked")
    }

    /// The shape of an entry, or nil where there is none.
    public func shape(of key: String) -> [Int]? {
        remaining[key]?.shape
    }

    /// Takes an entry out.
    ///
    /// - Parameter shape: What the network expects; nil in a place fits any extent.
    /// - Throws: `missingKey` or `wrongShape`, naming the entry.
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
                .wrongShape, "The entry \"\(key)\" has the shape \(tensor.shape), expected is [\(wanted)].")
        }
        return tensor
    }

    /// Checks that every entry has been taken.
    public func finish() throws(NeuralNetworkError) {
        guard let key = remaining.keys.min() else { return }
        let others = remaining.count == 1 ? "" : " and \(remaining.count - 1) more"
        throw NeuralNetworkError(.extraKey, "The entry \"\(key)\"\(others) has no place in this network.")
    }
}
