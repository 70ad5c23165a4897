/// Why a request over the control socket was not answered as asked.
public struct ControlError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of trouble.
    public enum Code: String, Sendable, Codable {
        /// No daemon listens: no socket, or nobody behind it.
        case notRunning = "not_running"
        /// The socket may not be opened by this user.
        case permissionDenied = "permission_denied"
        /// No answer in time.
        case timedOut = "timed_out"
        /// The connection broke before the whole reply was there.
        case disconnected
        /// A line that is no message of this protocol.
        case malformed
        /// A line longer than `ControlLine.maximumLength`.
        case tooLong = "too_long"
        /// The other side speaks another version of the protocol.
        case unsupportedVersion = "unsupported_version"
        /// The daemon is stopping and takes no more requests.
        case stopping
        /// Not possible now; the message says why (disk full, ...).
        case refused
        /// The daemon failed while it carried the request out.
        case internalError = "internal_error"
    }

    /// What kind of trouble.
    public let code: Code
    /// One full sentence.
    public let message: String

    /// Creates an error of `code`, explained by one full sentence.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
