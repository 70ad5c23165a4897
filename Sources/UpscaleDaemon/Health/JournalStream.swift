import Glibc

/// Whether systemd's journal reads a stream, so that priorities in front of lines are understood.
enum JournalStream {
    /// Whether the descriptor is the very stream that `$JOURNAL_STREAM` names (device and inode). The variable alone tells
    /// nothing: everything below a service or a desktop's session inherits it, also with its output in a file.
    static func isBehind(_ descriptor: Int32, environment: [String: String]) -> Bool {
        var status = stat()
        guard let name = environment["JOURNAL_STREAM"], fstat(descriptor, &status) == 0 else { return false }
        return name == "\(status.st_dev):\(status.st_ino)"
    }
}
