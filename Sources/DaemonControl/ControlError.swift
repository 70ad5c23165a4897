/// Why a control request failed.
public struct ControlError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of error.
    public enum Code: String, Sendable, Codable {
        /// No daemon listens: there is no socket, or no process listens on it.
        case notRunning = "not_running"
        /// This user has no permission to open the socket.
        case permissionDenied = "permission_denied"
        /// The request was not finished before the deadline.
        case timedOut = "timed_out"
        /// The connection ended or broke before the whole message was transferred.
        case disconnected
        /// A received line is not a message of this protocol.
        case malformed
        /// A received line is longer than `ControlLine.maximumLength`.
        case tooLong = "too_long"
        /// The other side uses another version of the protocol.
        case unsupportedVersion = "unsupported_version"
        /// The daemon is stopping and accepts no more requests.
        case stopping
        /// The request is not possible now; the message says why (disk full, ...).
        case refused
        /// The daemon failed while it carried out the request.
        case internalError = "internal_error"
    }

    /// The kind of error.
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
