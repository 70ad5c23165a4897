import Foundation
import LinuxSupport
import SystemPackage

/// The two streams that a command writes to.
enum Console {
    /// One line, or several, on standard output.
    static func print(_ text: String) {
        write(text + "\n")
    }

    /// A sentence on standard error, after the program's name.
    static func error(_ message: String) {
        write("srgan-jobs: \(PlainText.clean(message, keepingNewlines: true))\n", to: STDERR_FILENO)
    }

    /// Writes at once: a table that is watched must not wait in a buffer. Errors are nobody's to hear of.
    static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
        _ = try? FileDescriptor(rawValue: descriptor).writeAll(Array(text.utf8))
    }

    /// Whether standard output is a terminal.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether to use colours: on a terminal that knows them, unless `NO_COLOR` (https://no-color.org) is set.
    static var hasColours: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// The terminal's size; nil when standard output is none, or tells nothing.
    static var size: (columns: Int, rows: Int)? {
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
