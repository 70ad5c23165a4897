import DaemonControl
import Foundation
import LinuxSupport
import Logging
import QueueControl
import SystemPackage

/// Answers the requests of `srgan-jobs` on the socket `STATE/control.sock`. One thread accepts connections. Each
/// connection has its own thread, so that one client gets its answer to `health` while another client adds a file of
/// several gigabytes. A client that sends no complete request for `patience` is disconnected; when there are too many
/// connections, the one that has been silent for the longest time is disconnected at once, so that clients that send
/// nothing cannot keep others out.
final class ControlServer: Sendable {
    /// How long a client may take to send a request or to read an answer.
    private static let patience = Duration.seconds(2)
    /// The most connections that are served at the same time. If all of them are performing requests, further ones wait
    /// in the listening socket's backlog.
    private static let mostConnections = 64

    private let path: FilePath
    private let listener: Int32
    private let operations: QueueOperations
    private let status: @Sendable () throws -> DaemonStatus
    private let health: @Sendable () -> DaemonHealth
    private let heartbeat: Heartbeat
    /// The open connections. The value is the time (`Monotonic`) since which the daemon waits for a request, or nil while
    /// it performs one.
    private let connections = Monitor<[Int32: Double?]>([:])
    private let stop: StopSignal
    private let logger: Logger

    /// Creates the socket and starts to listen. The caller holds the state folder's lock, so no other daemon runs: an
    /// existing socket file is a leftover and is replaced.
    ///
    /// - mode: permissions of the socket.
    /// - Throws: `DaemonError`.
    init(
        stateFolder: FilePath, mode: UInt32, operations: QueueOperations, heartbeat: Heartbeat, stop: StopSignal,
        logger: Logger, status: @escaping @Sendable () throws -> DaemonStatus,
        health: @escaping @Sendable () -> DaemonHealth
    ) throws {
        path = UnixSocketAddress.controlSocket(inState: stateFolder)
        self.operations = operations
        self.stop = stop
        self.logger = logger
        self.status = status
        self.health = health
        self.heartbeat = heartbeat
        try DurableFile.remove(path)
        listener = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard listener >= 0 else { throw FileError.system("made", path) }
        let descriptor = listener
        // Set the permissions before `listen`: no client can connect until then.
        guard try UnixSocketAddress.withAddress(of: path, { bind(descriptor, $0, $1) }) == 0,
            path.withPlatformString({ chmod($0, mode) }) == 0, listen(listener, 64) == 0
        else {
            let error = FileError.system("listened on", path)
            close(listener)
            throw error
        }
    }

    /// Starts the thread that accepts connections. The thread removes the socket file when it ends.
    ///
    /// - Throws: `Errno` if the thread cannot be started.
    func start() throws(Errno) -> NamedThread {
        try NamedThread(name: "control") { [self] in
            defer {
                close(listener)
                try? DurableFile.remove(path)
                _ = connections.wait(until: Monotonic.now + 3) { $0.isEmpty ? true : nil }
            }
            while !stop.isStopping {
                heartbeat.beat()
                var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, 250) > 0, makeRoom() else { continue }
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else {
                    // Without a free descriptor, `poll` would return at once again and again.
                    _ = stop.wait(seconds: 0.25)
                    continue
                }
                connections.change { $0[connection] = .some(Monotonic.now) }
                do {
                    try NamedThread(name: "control-client") { [self] in
                        serve(connection)
                        end(connection)
                    }
                } catch {
                    logger.warning("A client of the control socket cannot be served: \(error)")
                    end(connection)
                }
            }
        }
    }

    /// Closes a connection. Forgets it first: its number is free for another one as soon as it is closed.
    private func end(_ connection: Int32) {
        connections.change { $0[connection] = nil }
        close(connection)
    }

    /// True when another connection may be served. If there are too many, ends the one that has been silent for the
    /// longest time, and waits up to 0.25 seconds for a connection to end.
    private func makeRoom() -> Bool {
        connections.withLock { connections in
            guard connections.count >= Self.mostConnections else { return }
            let silent = connections.compactMap { entry in entry.value.map { (connection: entry.key, since: $0) } }
            if let oldest = silent.min(by: { $0.since < $1.since }) {
                shutdown(oldest.connection, Int32(SHUT_RDWR))
            }
        }
        return connections.wait(until: Monotonic.now + 0.25) { $0.count < Self.mostConnections ? true : nil } ?? false
    }

    private func serve(_ connection: Int32) {
        var reader = LineReader(descriptor: connection)
        func note(isWaiting: Bool) {
            connections.withLock { $0[connection] = .some(isWaiting ? Monotonic.now : nil) }
        }
        do {
            while let line = try reader.next(deadline: .now + Self.patience) {
                note(isWaiting: false)
                defer { note(isWaiting: true) }
                try LineWriter.send(
                    ControlLine.encode(answer(line)), to: connection, deadline: .now + Self.patience)
            }
        } catch let error as ControlError where error.code == .tooLong || error.code == .malformed {
            try? LineWriter.send(
                ControlLine.encode(.failure(error)), to: connection, deadline: .now + Self.patience)
        } catch {
            logger.debug("The connection of a control socket client ended: \(error)")
        }
    }

    private func answer(_ line: [UInt8]) -> ControlReply {
        do {
            let request = try ControlLine.decodeRequest(line)
            logger.debug("Control socket request: \(Self.name(of: request)).")
            switch request {
            case .status: return .status(try status())
            case .health: return .health(health())
            default: return operations.perform(request)
            }
        } catch let error as ControlError {
            return .failure(error)
        } catch {
            return .failure(ControlError(.internalError, "\(error)"))
        }
    }

    private static func name(of request: ControlRequest) -> String {
        switch request {
        case .status: "status"
        case .health: "health"
        case .add(let paths, _, _): "add \(paths.count) files"
        case .retry(let ids): "retry \(ids)"
        case .cancel(let ids): "cancel \(ids)"
        case .pause: "pause"
        case .resume: "resume"
        case .prune: "prune"
        case .rescan: "rescan"
        }
    }
}
