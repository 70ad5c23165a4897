import Glibc
import SystemPackage

/// The process's standard error stream, written without a buffer. A text that fits into one system call is not mixed
/// with the texts of other threads.
public enum StandardError {
    /// Writes a text. Errors are ignored, because there is no other place to report them.
    ///
    /// - endsProcessWithoutReader: ends the process (exit code 75) when the reader has closed the stream.
    public static func write(_ text: String, endsProcessWithoutReader: Bool = false) {
        do {
            try FileDescriptor.standardError.writeAll(Array(text.utf8))
        } catch {
            if endsProcessWithoutReader && error as? Errno == .brokenPipe { _exit(75) }
        }
    }

    /// Writes a line and its newline in one call.
    public static func write(line: String) { write(line + "\n") }

    /// True when standard error is a terminal.
    public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
