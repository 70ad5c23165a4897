/// What went wrong with data or with a run of training or evaluation.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that a caller may want to tell apart.
    public enum Code: String, Sendable {
        /// A folder that cannot be listed or holds no image.
        case noImages
        /// An image that cannot be read, or of an unfit size.
        case unusableImage
        /// The options contradict each other, the model or the data.
        case configuration
        /// Writing failed.
        case outputFailed
        /// A loss became NaN or infinite, or the discriminator teaches nothing any more.
        case diverged
    }

    /// The kind of failure.
    public let code: Code
    /// One full sentence that names the file or the folder.
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
