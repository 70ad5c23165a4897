/// What went wrong with a model or with an upscaling.
public struct SRGANError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that a caller may want to tell apart.
    public enum Code: String, Sendable {
        /// There is no model of this name, or its file cannot be read.
        case modelNotFound
        /// The file is truncated or no model file.
        case modelDamaged
        /// The file holds another network, or one that this program cannot run.
        case modelUnsupported
        /// The fast kernels compute something else than the plain ones on this machine.
        case selfCheckFailed
        /// The network produced NaN or infinity.
        case notFinite
    }

    /// The kind of failure.
    public let code: Code
    /// One full sentence that names the file, the entry or the place.
    public let message: String
    /// The error that led to this one.
    public let cause: (any Error)?

    /// Makes an error of the given kind.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The sentence.
    public var description: String { message }
}
