/// An error of the service itself. Why a single job failed is a `FailureReason`.
public struct DaemonError: Error, Sendable, CustomStringConvertible {
    /// The kind of error; decides the exit code.
    public enum Code: String, Sendable {
        /// config.toml, or a file or program that it names, is unusable.
        case configuration
        /// Another process holds the state folder.
        case alreadyRunning
        /// The operating system refused something.
        case inputOutput
        /// An fsync failed: the state on disk is uncertain, and only a new start can examine it.
        case notDurable
        /// A worker could not be started.
        case worker
        /// A file is no longer the one that was examined.
        case changed
    }

    /// The kind of error.
    public let code: Code
    /// One full sentence.
    public let message: String
    /// The system's error number, when the system reported the error.
    public let systemError: Int32?
    /// Every mistake in the configuration, in the file's order; empty for other errors.
    public let mistakes: [ConfigurationMistake]

    /// Creates an error with one sentence.
    public init(_ code: Code, _ message: String, systemError: Int32? = nil) {
        self.code = code
        self.message = message
        self.systemError = systemError
        self.mistakes = []
    }

    /// Creates the error that carries every mistake of a configuration.
    public init(mistakes: [ConfigurationMistake]) {
        self.code = .configuration
        self.message = mistakes.map(\.description).joined(separator: "\n")
        self.systemError = nil
        self.mistakes = mistakes
    }

    /// The sentence.
    public var description: String { message }

    /// The exit code of a program that ends with this error (sysexits.h).
    public var exitCode: Int32 {
        switch code {
        case .configuration: 78
        case .alreadyRunning, .inputOutput, .notDurable, .worker, .changed: 75
        }
    }
}
