/// An error of training or evaluation, or of their data.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that a caller may want to distinguish.
    public enum Code: String, Sendable {
        /// A folder cannot be listed or holds no image.
        case noImages
        /// An image cannot be read or has an unsuitable size.
        case unusableImage
        /// The settings contradict each other, or do not fit the model or the data.
        case configuration
        /// Writing failed.
        case outputFailed
        /// The system has no thread or no memory left. The same command may succeed later.
        case shortage
        /// A loss became NaN or infinite, or the discriminator saturated and no longer trains the generator.
        case diverged
    }

    /// The kind of failure.
    public let code: Code
    /// One full sentence that names the file or the folder.
    public let message: String
    /// The underlying error.
    public let cause: (any Error)?

    /// Makes an error from its kind, its message and the underlying error.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message.
    public var description: String { message }
}
