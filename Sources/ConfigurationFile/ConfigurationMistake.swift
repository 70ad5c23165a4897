/// One mistake in a configuration file, with everything a person needs to correct it.
package struct ConfigurationMistake: Sendable, Equatable, CustomStringConvertible {
    /// The configuration file as it was named.
    package var file: String
    /// The line in the file, counted from 1; nil if the mistake belongs to no line.
    package var line: Int?
    /// The key's full path (`inbox[2].quality`; inboxes are counted from 1), empty for the file itself.
    package var key: String
    /// What is wrong and what is allowed.
    package var problem: String

    /// Creates a mistake.
    package init(file: String, line: Int?, key: String, problem: String) {
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem
    }

    /// `file:line: key: problem`.
    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return key.isEmpty ? "\(place): \(problem)" : "\(place): \(key): \(problem)"
    }
}

/// The error of a configuration with mistakes.
package struct ConfigurationRejected: Error {
    /// All mistakes, in the order of the file; at least one.
    package let mistakes: [ConfigurationMistake]

    /// Creates the error.
    package init(mistakes: [ConfigurationMistake]) {
        self.mistakes = mistakes
    }
}
