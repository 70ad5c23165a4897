/// An error in a model or in upscaling.
public struct SRGANError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that a caller may want to distinguish.
    public enum Code: String, Sendable {
        /// No model has this name, or its file cannot be read.
        case modelNotFound
        /// The file is truncated or not a model file.
        case modelDamaged
        /// The file holds another kind of network, or one that this program does not support.
        case modelUnsupported
        /// The fast kernels and the reference network disagree on this machine.
        case selfCheckFailed
        /// The network produced NaN or infinity.
        case notFinite
    }

    /// The kind of failure.
    public let code: Code
    /// One full sentence that names the file, the entry or the position.
    public let message: String
    /// The underlying error.
    public let cause: (any Error)?

    /// Makes an error of the given kind.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message.
    public var description: String { message }
}
