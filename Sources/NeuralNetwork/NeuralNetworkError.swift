/// An error in a state dict or a tensor file.
public struct NeuralNetworkError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that a caller may want to distinguish.
    public enum Code: String, Sendable {
        /// The file ends before the end of its tensors.
        case truncated
        /// The file is not valid in its format.
        case malformed
        /// The file's number format or container format is not supported.
        case unsupportedType
        /// A pickle names a class or function that is not allowed; nothing was executed.
        case notPlainData
        /// The state dict lacks an entry.
        case missingKey
        /// The state dict has an entry that the network does not have.
        case extraKey
        /// The shape of an entry differs from what the network expects.
        case wrongShape
    }

    /// The kind of failure.
    public let code: Code
    /// One full sentence that names the entry or the position.
    public let message: String

    /// Makes an error of the given kind.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
