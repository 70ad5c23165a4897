import Logging

/// Writes what a change reports while it runs to standard error, like the program's own errors.
struct ConsoleLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    /// A logger to standard error.
    static let logger = Logger(label: "srgan-jobs") { _ in ConsoleLog() }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { Console.error(event.message.description) }
}
