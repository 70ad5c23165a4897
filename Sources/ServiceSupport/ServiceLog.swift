import Foundation
import LinuxSupport
import Logging
import ServiceConfiguration
import Synchronization

/// Writes each event as one line to standard error. The line begins with a priority if systemd's journal reads standard
/// error, else with the time and the level.
package struct ServiceLog: LogHandler {
    /// The lowest level that is written. All loggers share this object, so that a reload of the configuration changes
    /// the level of all of them.
    package final class Level: Sendable {
        private let level: Mutex<Logger.Level>

        package init(_ configured: Configuration.Log.Level) {
            level = Mutex(Self.level(configured))
        }

        var current: Logger.Level { level.withLock { $0 } }

        package func set(_ configured: Configuration.Log.Level) { level.withLock { $0 = Self.level(configured) } }

        private static func level(_ configured: Configuration.Log.Level) -> Logger.Level {
            switch configured {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
        }
    }

    private let shared: Level
    private let isJournal: Bool
    package var metadata: Logger.Metadata = [:]

    package var logLevel: Logger.Level {
        get { shared.current }
        set {}
    }

    /// Creates the logger of a program, which writes to standard error.
    package static func logger(
        _ program: String, level: Level, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Logger {
        let isJournal = JournalStream.isBehind(STDERR_FILENO, environment: environment)
        return Logger(label: program) { _ in ServiceLog(shared: level, isJournal: isJournal) }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        StandardError.write(
            line: Self.line(event.message.description, level: event.level, isJournal: isJournal, now: Date()))
    }

    /// Formats one line of the log.
    ///
    /// - message: the text to log. File names in it are already escaped. Text from other sources (a worker, a library)
    ///   may contain line breaks, which become ` | `, and control characters, which become `\xNN`.
    package static func line(_ message: String, level: Logger.Level, isJournal: Bool, now: Date) -> String {
        let oneLine = PlainText.clean(message.split(whereSeparator: \.isNewline).joined(separator: " | "))
        if isJournal { return "<\(priority(of: level))>\(oneLine)" }
        return "\(now.ISO8601Format()) \(level.rawValue): \(oneLine)"
    }

    /// The syslog number of a level.
    private static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
