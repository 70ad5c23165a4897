import Glibc

/// Writes whole lines to standard error at once, without buffers in between.
enum StandardError {
    /// Writes bytes; a reader that has gone away ends the process, because nobody is left to work for.
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
