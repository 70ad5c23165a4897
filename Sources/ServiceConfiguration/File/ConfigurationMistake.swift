/// One mistake in config.toml, with everything a person needs to correct it.
package struct ConfigurationMistake: Sendable, Equatable, CustomStringConvertible {
    /// The configuration file as it was named.
    package var file: String
    /// The line in the file, counted from 1; nil if the mistake belongs to no line.
    package var line: Int?
    /// The key's full path (`inbox[2].quality`; inboxes are counted from 1), empty for the file itself.
    package var key: String
    /// What is wrong and what is allowed.
    package var problem: String

    /// `file:line: key: problem`.
    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return key.isEmpty ? "\(place): \(problem)" : "\(place): \(key): \(problem)"
    }
}
