/// What went wrong in a state dict or in a file of tensors.
public struct NeuralNetworkError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that a caller may want to tell apart.
    public enum Code: String, Sendable {
        /// The bytes end before the tensors do.
        case truncated
        /// The bytes are no valid file of their format.
        case malformed
        /// The file holds a number format, or is of a container format, that is not read here.
        case unsupportedType
        /// A pickle asks for a class or a function that is not on the list of harmless ones; nothing was executed.
        case notPlainData
        /// A state dict lacks an entry.
        case missingKey
        /// A state dict has an entry that the network does not have.
        case extraKey
        /// An entry has another shape than the network expects.
        case wrongShape
    }

    /// The kind of failure.
    public let code: Code
    /// One full sentence that names the entry or the place.
    public let message: String

    /// Makes an error of the given kind.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}
