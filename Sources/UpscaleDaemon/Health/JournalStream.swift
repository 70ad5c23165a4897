import Glibc

/// Detects whether systemd's journal reads a stream and thus understands priorities at the start of lines.
enum JournalStream {
    /// True if the descriptor is the stream that `$JOURNAL_STREAM` names (device and inode). The variable alone proves
    /// nothing: every process of a service or a desktop session inherits it, even if its output goes to a file.
    static func isBehind(_ descriptor: Int32, environment: [String: String]) -> Bool {
        var status = stat()
        guard let name = environment["JOURNAL_STREAM"], fstat(descriptor, &status) == 0 else { return false }
        return name == "\(status.st_dev):\(status.st_ino)"
    }
}
