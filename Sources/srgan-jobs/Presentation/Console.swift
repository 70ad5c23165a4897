import CommandSupport
import Foundation
import LinuxSupport

/// Messages of a command, and the terminal that shows its results. Results are written by `StandardOutput`.
enum Console {
    /// True if the program was called with `--json`.
    private static let isJSON = JSONErrors.areRequested(by: Array(CommandLine.arguments.dropFirst()))

    /// Prints a message to standard error: after the program's name, or as JSON if `--json` was given.
    static func error(_ message: String) {
        guard !isJSON else { return StandardError.write(line: JSONErrors.line(message)) }
        StandardError.write(line: "srgan-jobs: \(PlainText.clean(message, keepingNewlines: true))")
    }

    /// Whether standard output is a terminal.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// True if colours are used: on a terminal that supports them, unless `NO_COLOR` (https://no-color.org) is set.
    static var hasColours: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// The terminal's size; nil if standard output is not a terminal or reports no size.
    static var size: (columns: Int, rows: Int)? {
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
