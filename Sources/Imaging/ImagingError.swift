/// What went wrong with an image: a code out of a closed list, one full sentence, and libvips' own words.
public struct ImagingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Why an image could not be read or written.
    public enum Code: Sendable, CaseIterable {
        /// The file has no byte.
        case empty
        /// The first bytes are those of no image format.
        case notAnImage
        /// An image, but of a format that is not read here, or that was not allowed.
        case unsupportedFormat
        /// The file ends before the image does.
        case truncated
        /// The file is whole, but its contents break the rules of its format.
        case corrupt
        /// More bytes, pixels or a longer side than was allowed.
        case tooLarge
        /// The result would be larger than its format can hold.
        case outputTooLarge
        /// A folder, device or socket.
        case notARegularFile
        /// The input exists, and reading it is not permitted.
        case unreadable
        /// The input is not there.
        case vanished
        /// The options contradict each other or the model.
        case configuration
        /// Reading or writing failed.
        case inputOutputError
        /// No room is left where the output goes.
        case diskFull
        /// Memory ran out.
        case outOfMemory
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
