import Foundation
import SystemPackage

/// Sends requests to a running daemon. Every call blocks, so do not use the client on Swift's cooperative thread pool.
public struct ControlClient: Sendable {
    /// The daemon's socket.
    public let socket: FilePath

    /// Creates a client for the daemon that listens on `socket`. Each request opens a connection of its own.
    public init(socket: FilePath) {
        self.socket = socket
    }

    /// Sends one request and waits for its reply.
    ///
    /// - timeout: the longest time for connecting, sending and receiving the reply together. The daemon copies and
    ///   hashes each added file before it replies, so `add` may need minutes.
    /// - Throws: `ControlError`: notRunning if no daemon listens, timedOut, permissionDenied, and any error that the
    ///   daemon returned as `ControlReply.failure`.
    public func send(_ request: ControlRequest, timeout: Duration = .seconds(5)) throws(ControlError) -> ControlReply {
        let deadline = ContinuousClock.now + timeout
        let line: [UInt8]
        do {
            line = try ControlLine.encode(request)
        } catch {
            throw ControlError(.malformed, "The request cannot be written as JSON: \(error).")
        }
        let descriptor = try connect(deadline: deadline)
        defer { close(descriptor) }
        try LineWriter.send(line, to: descriptor, deadline: deadline)
        var reader = LineReader(descriptor: descriptor)
        guard let reply = try reader.next(deadline: deadline) else {
            throw ControlError(.disconnected, "The daemon closed the connection without a reply.")
        }
        let decoded = try ControlLine.decodeReply(reply)
        if case .failure(let error) = decoded { throw error }
        return decoded
    }

    private func connect(deadline: ContinuousClock.Instant) throws(ControlError) -> Int32 {
        let descriptor = Foundation.socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else {
            throw ControlError(.internalError, "Cannot create a socket: \(Errno(rawValue: errno)).")
        }
        do {
            while true {
                let result = try UnixSocketAddress.withAddress(of: socket) { Foundation.connect(descriptor, $0, $1) }
                if result == 0 { return descriptor }
                switch errno {
                case EINTR: continue
                // The queue of connections that the daemon has not accepted yet is full. poll cannot wait until a Unix
                // socket can be connected, so the connection is tried again every 10 ms.
                case EAGAIN where ContinuousClock.now < deadline: usleep(10_000)
                case let number: throw Errno(rawValue: number)
                }
            }
        } catch {
            close(descriptor)
            throw Self.explain(error, socket: socket)
        }
    }

    private static func explain(_ error: any Error, socket: FilePath) -> ControlError {
        switch error as? Errno {
        case Errno.noSuchFileOrDirectory, Errno.connectionRefused, Errno.notDirectory:
            ControlError(.notRunning, "No daemon listens on \(socket).")
        case Errno.permissionDenied, Errno.notPermitted:
            ControlError(.permissionDenied, "This user has no permission to open the control socket \(socket).")
        case Errno.resourceTemporarilyUnavailable:
            ControlError(.timedOut, "The daemon behind \(socket) is too busy to take the connection.")
        default:
            ControlError(.notRunning, "The control socket \(socket) cannot be reached: \(error).")
        }
    }
}
