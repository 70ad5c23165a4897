import Foundation
import LinuxSupport
import SystemPackage

/// Reads lines from the control socket until a deadline. The client and the daemon use it, each on one thread at a
/// time.
public struct LineReader {
    private let descriptor: Int32
    private let maximumLength: Int
    private var lines = LineBuffer()

    /// Reads from a connected socket that the caller keeps open and closes.
    public init(descriptor: Int32, maximumLength: Int = ControlLine.maximumLength) {
        self.descriptor = descriptor
        self.maximumLength = maximumLength
    }

    /// The next line without its newline, or nil at the end of the stream.
    ///
    /// Throws `ControlError`: timedOut at `deadline`, tooLong, disconnected if the stream ends in the middle of a line
    /// or the connection breaks.
    public mutating func next(deadline: ContinuousClock.Instant) throws(ControlError) -> [UInt8]? {
        while true {
            if let line = lines.next() { return line }
            guard lines.count <= maximumLength else {
                throw ControlError(.tooLong, "The line is longer than \(maximumLength) bytes.")
            }
            try SocketWait.until(descriptor, events: Int16(POLLIN), deadline: deadline)
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 {
                lines.append(chunk[..<count])
            } else if count == 0 {
                if lines.count == 0 { return nil }
                throw ControlError(.disconnected, "The connection ended in the middle of a line.")
            } else if errno != EINTR && errno != EAGAIN {
                throw ControlError(.disconnected, "The connection broke: \(Errno(rawValue: errno)).")
            }
        }
    }
}

/// Writes lines to the control socket until a deadline. The client and the daemon use it.
public enum LineWriter {
    /// Sends a whole line, which includes its newline; throws `ControlError` (timedOut, disconnected). A closed
    /// connection raises no SIGPIPE.
    public static func send(
        _ line: [UInt8], to descriptor: Int32, deadline: ContinuousClock.Instant
    ) throws(ControlError) {
        var sent = 0
        while sent < line.count {
            try SocketWait.until(descriptor, events: Int16(POLLOUT), deadline: deadline)
            let count = line[sent...].withUnsafeBytes {
                Foundation.send(
                    descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count >= 0 {
                sent += count
            } else if errno != EINTR && errno != EAGAIN {
                throw ControlError(.disconnected, "The connection broke: \(Errno(rawValue: errno)).")
            }
        }
    }
}

enum SocketWait {
    /// Returns when the socket is ready or its connection has ended; the caller's next read or write shows which of the
    /// two happened. Throws at the deadline.
    static func until(
        _ descriptor: Int32, events: Int16, deadline: ContinuousClock.Instant
    ) throws(ControlError) {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw ControlError(.timedOut, "There was no answer in time.") }
            let (seconds, attoseconds) = left.components
            let milliseconds = min(seconds, 86_400) * 1000 + attoseconds / 1_000_000_000_000_000 + 1
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let ready = poll(&entry, 1, Int32(milliseconds))
            if ready > 0 { return }
            if ready < 0 && errno != EINTR {
                throw ControlError(.disconnected, "The connection broke: \(Errno(rawValue: errno)).")
            }
        }
    }
}
