/// An error about an image: a code from a closed list, one full sentence, and libvips' own message.
public struct ImagingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Why an image could not be read or written.
    public enum Code: Sendable, CaseIterable {
        /// The file is empty.
        case empty
        /// The first bytes match no known image format.
        case notAnImage
        /// The file is an image, but its format is not supported or was not allowed.
        case unsupportedFormat
        /// The file ends before its image is complete.
        case truncated
        /// The file has its full length, but its contents break the rules of its format.
        case corrupt
        /// The input has more bytes, pixels or images, or a longer side, than allowed.
        case tooLarge
        /// The result would have a longer side than its format can store.
        case outputTooLarge
        /// The input is not a regular file but, for example, a folder, a device or a socket.
        case notARegularFile
        /// The input exists, but this process has no permission to read it.
        case unreadable
        /// The input does not exist, or no longer exists.
        case vanished
        /// The options contradict each other or the model.
        case configuration
        /// Reading or writing failed.
        case inputOutputError
        /// The file system of the output is full.
        case diskFull
        /// Memory ran out.
        case outOfMemory
    }

    /// The kind of error, for programs.
    public let code: Code
    /// One full sentence, for people.
    public let message: String
    /// The message of libvips or the system; nil if there is none.
    public let details: String?

    /// Makes an error from its code, its sentence and the library's message.
    public init(_ code: Code, _ message: String, details: String? = nil) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// The sentence, followed by the library's message in parentheses.
    public var description: String {
        guard let details, !details.isEmpty else { return message }
        return "\(message) (\(details))"
    }
}
