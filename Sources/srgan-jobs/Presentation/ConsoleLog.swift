import Logging

/// Writes log messages to standard error in the format of the program's errors. `QueueOperations` logs such messages
/// while it makes a change.
struct ConsoleLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    /// A logger that writes to standard error.
    static let logger = Logger(label: "srgan-jobs") { _ in ConsoleLog() }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { Console.error(event.message.description) }
}
