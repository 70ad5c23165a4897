import ConfigurationFile

/// An error of the service itself. A `FailureReason` says why a single job failed; a `FileError` is an error of a file.
package struct DaemonError: Error, Sendable, CustomStringConvertible {
    /// The kinds of error; each has an exit code.
    package enum Code: String, Sendable {
        /// config.toml, or a file or program that it names, is unusable.
        case configuration
        /// Another process holds the lock of the state folder.
        case alreadyRunning
        /// The system was short of descriptors, memory or processes, or a disk did not answer. The same start or reload
        /// may succeed later, so it is no mistake of the configuration.
        case passing
    }

    /// The kind of error.
    package let code: Code
    /// One full sentence.
    package let message: String
    /// Every mistake in the configuration, in the file's order; empty for other errors.
    package let mistakes: [ConfigurationMistake]

    /// Creates an error with one sentence.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
        self.mistakes = []
    }

    /// Creates the error that contains every mistake of a configuration.
    package init(mistakes: [ConfigurationMistake]) {
        self.code = .configuration
        self.message = mistakes.map(\.description).joined(separator: "\n")
        self.mistakes = mistakes
    }

    /// The sentence.
    package var description: String { message }

    /// The exit code of a program that ends with this error (sysexits.h).
    package var exitCode: Int32 {
        switch code {
        case .configuration: 78
        case .alreadyRunning, .passing: 75
        }
    }
}
