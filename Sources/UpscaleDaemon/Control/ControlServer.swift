import DaemonControl
import Foundation
import LinuxSupport
import Logging
import QueueControl
import SystemPackage

/// Answers the requests of `srgan-jobs` on the socket `STATE/control.sock`. One thread accepts connections. Each
/// connection has its own thread, so that one client gets its answer to `health` while another client adds a file of
/// several gigabytes. A client that sends no request within `patience` is disconnected.
final class ControlServer: Sendable {
    /// How long a client may take to send a request or to read an answer.
    private static let patience = Duration.seconds(2)
    /// The most connections that are served at the same time. Further connections wait in the listening socket's
    /// backlog.
    private static let mostConnections = 32

    private let path: FilePath
    private let listener: Int32
    private let operations: QueueOperations
    private let status: @Sendable () throws -> DaemonStatus
    private let health: @Sendable () -> DaemonHealth
    private let heartbeat: Heartbeat
    private let connections = Monitor(0)
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
    func start() -> NamedThread {
        NamedThread(name: "control") { [self] in
            defer {
                close(listener)
                try? DurableFile.remove(path)
                _ = connections.wait(until: Monotonic.now + 3) { $0 == 0 ? true : nil }
            }
            while !stop.isStopping {
                heartbeat.beat()
                guard hasRoom() else { continue }
                var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, 250) > 0 else { continue }
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { continue }
                connections.change { $0 += 1 }
                _ = NamedThread(name: "control-client") { [self] in
                    serve(connection)
                    close(connection)
                    connections.change { $0 -= 1 }
                }
            }
        }
    }

    /// True when another connection may be served; waits up to 0.25 seconds for a connection to end.
    private func hasRoom() -> Bool {
        connections.wait(until: Monotonic.now + 0.25) { $0 < Self.mostConnections ? true : nil } ?? false
    }

    private func serve(_ connection: Int32) {
        var reader = LineReader(descriptor: connection)
        do {
            while let line = try reader.next(deadline: .now + Self.patience) {
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
        case .add(let paths, _): "add \(paths.count) files"
        case .retry(let ids): "retry \(ids)"
        case .cancel(let ids): "cancel \(ids)"
        case .pause: "pause"
        case .resume: "resume"
        case .prune: "prune"
        case .rescan: "rescan"
        }
    }
}
