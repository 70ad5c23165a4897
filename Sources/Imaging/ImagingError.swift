/// What went wrong with an image: a code out of a closed list, one full sentence, and libvips' own words.
public struct ImagingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Why an image could not be read or written.
    ///
    /// The raw values are those of `JobQueue.FailureReason`, because this code travels from the worker to the queue as
    /// text. Imaging must not know jobs, so the list stands here again; a test in CommandTests compares the two.
    public enum Code: String, Sendable, CaseIterable {
        /// The file has no byte.
        case empty
        /// The first bytes are those of no image format.
        case notAnImage = "not_an_image"
        /// An image, but of a format that is not read here, or that was not allowed.
        case unsupportedFormat = "unsupported_format"
        /// The file ends before the image does.
        case truncated
        /// The file is whole, but its contents break the rules of its format.
        case corrupt
        /// More bytes, pixels or a longer side than was allowed.
        case tooLarge = "too_large"
        /// The result would be larger than its format can hold.
        case outputTooLarge = "output_too_large"
        /// A folder, device or socket.
        case notARegularFile = "not_a_regular_file"
        /// The input exists, and reading it is not permitted.
        case unreadable
        /// The input is not there.
        case vanished
        /// The options contradict each other or the model.
        case configuration
        /// Reading or writing failed.
        case inputOutputError = "io_error"
        /// No room is left where the output goes.
        case diskFull = "disk_full"
        /// Memory ran out.
        case outOfMemory = "out_of_memory"
    }

    /// The reason, for programs.
    public let code: Code
    /// One full sentence, for people.
    public let message: String
    /// libvips' or the system's own words, where there are any.
    public let details: String?

    /// Makes an error from its code, its sentence and the words of the library below.
    public init(_ code: Code, _ message: String, details: String? = nil) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// The sentence, followed by the library's words.
    public var description: String {
        guard let details, !details.isEmpty else { return message }
        return "\(message) (\(details))"
    }
}
