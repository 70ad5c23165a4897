import Glibc
import SystemPackage

/// The process's standard output stream, written without a buffer. Every result of a program is written here.
///
/// Lost output must not look like success, so a failed write ends the process:
/// - A closed pipe ends it by SIGPIPE, without a message, as `ls | head -1` ends.
/// - Any other error, such as a full disk, ends it with one line on standard error and exit code 74 (EX_IOERR).
public enum StandardOutput {
    /// The exit code when the output is lost.
    public static let lostExitCode: Int32 = 74

    /// Writes a text and a newline.
    public static func print(_ text: String) { write(text + "\n") }

    /// Writes a text.
    public static func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes bytes.
    public static func write(_ bytes: [UInt8]) {
        do {
            try FileDescriptor.standardOutput.writeAll(bytes)
        } catch {
            end(after: error)
        }
    }

    private static func end(after error: any Error) -> Never {
        if error as? Errno == .brokenPipe { endByBrokenPipe() }
        StandardError.write(line: "\(ProgramName.current): standard output cannot be written: \(error).")
        exit(lostExitCode)
    }

    /// Ends the process as the default action of SIGPIPE does, even where the signal is ignored or blocked.
    private static func endByBrokenPipe() -> Never {
        signal(SIGPIPE, SIG_DFL)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(SIGPIPE)
        _exit(128 + SIGPIPE)
    }
}
