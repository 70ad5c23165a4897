import LinuxSupport
import WorkerProtocol

/// One line of a worker's standard error.
enum WorkerLine: Equatable {
    case event(WorkerEvent)
    /// Any other line, escaped: output of a library, of a shell or of a newer worker.
    case text(String)

    /// Reads a line without its newline.
    init(_ bytes: [UInt8]) {
        self = WorkerEvent(line: bytes).map(Self.event) ?? .text(EscapedBytes.text(bytes))
    }
}
