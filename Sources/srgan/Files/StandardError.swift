import Glibc

/// Writes to standard error at once, without buffering.
enum StandardError {
    /// Writes a text.
    ///
    /// - Parameter endsProcessWithoutReader: Whether the process exits with code 75 if the reader has closed the pipe. A
    ///   worker does so, because its result is no longer needed.
    static func write(_ text: String, endsProcessWithoutReader: Bool = false) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                if endsProcessWithoutReader && errno == EPIPE { _exit(75) }
                return
            }
            bytes = bytes.dropFirst(written)
        }
    }

    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
