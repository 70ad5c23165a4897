/// What can go wrong in the service itself, as opposed to in one job (that is a `FailureReason`) or with a file (that is a
/// `FileError`).
public struct DaemonError: Error, Sendable, CustomStringConvertible {
    /// The kind of trouble; decides the exit code.
    public enum Code: String, Sendable {
        /// config.toml or something that it names is unusable.
        case configuration
        /// Another process holds the state folder.
        case alreadyRunning
        /// A worker could not be started.
        case worker
    }

    /// The kind of trouble.
    public let code: Code
    /// One full sentence.
    public let message: String
    /// Every mistake found in the configuration, in the file's order; empty for other codes.
    public let mistakes: [ConfigurationMistake]

    /// Creates an error with one sentence.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
        self.mistakes = []
    }

    /// Creates the error that carries every mistake of a configuration.
    public init(mistakes: [ConfigurationMistake]) {
        self.code = .configuration
        self.message = mistakes.map(\.description).joined(separator: "\n")
        self.mistakes = mistakes
    }

    /// The sentence.
    public var description: String { message }

    /// The exit code of a program that ends with this error (sysexits.h).
    public var exitCode: Int32 {
        switch code {
        case .configuration: 78
        case .alreadyRunning, .worker: 75
        }
    }
}
