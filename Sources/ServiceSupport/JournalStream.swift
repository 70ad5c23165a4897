import Glibc

/// Detects whether systemd's journal reads an output stream. The journal understands a priority at the start of a line.
package enum JournalStream {
    /// True if the descriptor is the stream that `$JOURNAL_STREAM` names by device and inode. It is not enough that the
    /// variable exists: every process of a service or a desktop session inherits it, even if its output goes to a file.
    package static func isBehind(_ descriptor: Int32, environment: [String: String]) -> Bool {
        var status = stat()
        guard let name = environment["JOURNAL_STREAM"], fstat(descriptor, &status) == 0 else { return false }
        return name == "\(status.st_dev):\(status.st_ino)"
    }
}
