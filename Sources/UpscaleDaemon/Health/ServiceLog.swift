import Foundation
import LinuxSupport
import Logging
import Synchronization

/// One line an event on standard error: with the journal's priority in front where systemd reads it, else with time and
/// level.
struct ServiceLog: LogHandler {
    /// The least important level that is written; shared by all loggers, since a reload may change it.
    final class Level: Sendable {
        private let level: Mutex<Logger.Level>

        init(_ configured: Configuration.Log.Level) {
            level = Mutex(Self.level(configured))
        }

        var current: Logger.Level { level.withLock { $0 } }

        func set(_ configured: Configuration.Log.Level) { level.withLock { $0 = Self.level(configured) } }

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
    var metadata: Logger.Metadata = [:]

    var logLevel: Logger.Level {
        get { shared.current }
        set {}
    }

    /// A logger to standard error.
    static func logger(
        level: Level, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Logger {
        let isJournal = JournalStream.isBehind(STDERR_FILENO, environment: environment)
        return Logger(label: "srgand") { _ in ServiceLog(shared: level, isJournal: isJournal) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        StandardError.write(
            line: Self.line(event.message.description, level: event.level, isJournal: isJournal, now: Date()))
    }

    /// - message: names in it are escaped already; line breaks and control characters of any other origin (a worker's words,
    ///   a library's) are taken out here.
    static func line(_ message: String, level: Logger.Level, isJournal: Bool, now: Date) -> String {
        let oneLine = PlainText.clean(message.split(whereSeparator: \.isNewline).joined(separator: " | "))
        if isJournal { return "<\(priority(of: level))>\(oneLine)" }
        return "\(now.ISO8601Format()) \(level.rawValue): \(oneLine)"
    }

    /// syslog's numbers.
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
