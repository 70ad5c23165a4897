/// Collects mistakes while a configuration is read, so that one run reports all of them.
package final class ConfigurationMistakes {
    private let file: String
    private let lines: ConfigurationLines
    /// All mistakes, in the order in which they were found.
    package private(set) var all: [ConfigurationMistake] = []

    /// Creates an empty list of the mistakes of one file.
    ///
    /// - file: the file's name in the mistakes.
    /// - lines: finds the line of each mistake.
    package init(file: String, lines: ConfigurationLines) {
        self.file = file
        self.lines = lines
    }

    /// Adds a mistake about a key, which is named by its full path.
    package func add(_ key: String, _ problem: String) {
        all.append(ConfigurationMistake(file: file, line: lines.line(of: key), key: key, problem: problem))
    }

    /// All mistakes in the order of the file; mistakes without a line come first.
    package var sorted: [ConfigurationMistake] {
        all.enumerated().sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }.map(\.element)
    }
}
