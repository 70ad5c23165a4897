/// One mistake in config.toml, with what a person needs to mend it.
public struct ConfigurationMistake: Sendable, Equatable, CustomStringConvertible {
    /// The configuration file as it was named.
    public var file: String
    /// Where in the file, counted from 1; nil when no line is to blame.
    public var line: Int?
    /// The key's full path (`inbox[2].quality`; inboxes are counted from 1), empty for the file itself.
    public var key: String
    /// What is wrong and what would be right.
    public var problem: String

    /// `file:line: key: problem`.
    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return key.isEmpty ? "\(place): \(problem)" : "\(place): \(key): \(problem)"
    }
}
