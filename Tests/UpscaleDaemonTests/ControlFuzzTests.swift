import DaemonControl
import Foundation
import Fuzzing
import JobQueue
import Testing

@testable import QueueControl
@testable import ServiceConfiguration
@testable import UpscaleDaemon

/// Randomly changed messages for the control protocol and its listener.
struct ControlFuzzTests {
    private static let requests: [ControlRequest] = [
        .status, .add(paths: ["/srv/a.jpg", "/b"], inbox: "/in"), .retry(ids: [1, 7]), .cancel(ids: [3]), .pause,
        .resume,
        .prune(finishedBefore: Date(timeIntervalSince1970: 1_700_000_000)), .rescan,
    ]
    private static let replies: [ControlReply] = [
        .done, .pruned(5), .failure(ControlError(.refused, "The disk is full.")),
        .files([FileOutcome(kind: .created, id: 4), FileOutcome(kind: .refused, message: "It is gone.")]),
        .jobs([JobOutcome(id: 9, changed: true)]),
        .status(
            DaemonStatus(
                pid: 5, version: "1", startedAt: Date(timeIntervalSince1970: 1_700_000_000.5), paused: false,
                running: [RunningJob(id: 1, startedAt: Date(timeIntervalSince1970: 3), tilesDone: 1, tilesTotal: 4)])),
    ]
    private static let dictionary = [
        "\"version\":1", "\"version\":2", "\"request\":", "\"reply\":", "\"paths\":", "\"inbox\":null", "\"ids\":[]",
        "{",
        "}", "[", "]", ",", "\"", "null", "true", "\\u0000", "\\ud800", "AAAA", "L2EvLi4v", "====", "[[[[[[[[", "\n",
        "\"finished_before\":1e300", "\u{0}",
    ]

    @Test func changedRequestsAndReplies() throws {
        let corpus =
            try Self.requests.map { try ControlLine.encode($0) } + Self.replies.map { try ControlLine.encode($0) }
        let mutator = Mutator(corpus: corpus.map { Array($0.dropLast()) }, dictionary: Self.dictionary, seed: 11)
        let tally = FuzzCampaign("control").run(mutator) { bytes in
            do {
                // A decoded message must encode to one that decodes to the same.
                if let request = try? ControlLine.decodeRequest(bytes) {
                    let line = try ControlLine.encode(request)
                    return try ControlLine.decodeRequest(line.dropLast()) == request
                        ? .accepted : .wrong("another request")
                }
                let reply = try ControlLine.decodeReply(bytes)
                let line = try ControlLine.encode(reply)
                return try ControlLine.decodeReply(line.dropLast()) == reply ? .accepted : .wrong("another reply")
            } catch let error as ControlError {
                return error.message.isEmpty ? .wrong("no message") : .refused
            } catch {
                return .wrong("\(error)")
            }
        }
        #expect(tally.wrong.isEmpty, "\(tally.wrong.joined(separator: "\n"))")
        #expect(tally.accepted > 100 && tally.refused > 1000, "\(tally.accepted) read, \(tally.refused) refused")
    }

    /// Streams of lines over a real socket, cut anywhere; some lines are too long.
    @Test func changedStreams() throws {
        let corpus = try [
            Self.requests.flatMap { try ControlLine.encode($0) }.prefix(400), Array("\n\n{}\n".utf8)[...],
        ]
        let mutator = Mutator(corpus: corpus.map { Array($0) }, dictionary: Self.dictionary, seed: 12)
        let longest = 90
        let tally = try FuzzCampaign("lines").run(mutator) { bytes in
            var ends: [Int32] = [-1, -1]
            guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { return .wrong("no sockets") }
            defer { ends.forEach { close($0) } }
            try LineWriter.send(bytes, to: ends[0], deadline: .now + .seconds(60))
            shutdown(ends[0], Int32(SHUT_WR))
            var reader = LineReader(descriptor: ends[1], maximumLength: longest)
            var read: [UInt8] = []
            do {
                while let line = try reader.next(deadline: .now + .seconds(60)) { read += line + [UInt8(ascii: "\n")] }
                return read == bytes ? .accepted : .wrong("other lines")
            } catch let error as ControlError {
                let isExpected = error.code == .tooLong || error.code == .disconnected
                return isExpected && bytes.starts(with: read) ? .refused : .wrong("\(error)")
            }
        }
        #expect(tally.wrong.isEmpty, "\(tally.wrong.joined(separator: "\n"))")
        #expect(tally.accepted > 100 && tally.refused > 1000, "\(tally.accepted) read, \(tally.refused) refused")
    }

    /// A listener with a real queue survives all messages and answers the next request.
    @Test func theListenerSurvives() throws {
        let service = try TestService()
        let state = service.live.current.configuration.stateFolder
        let status = DaemonStatus(
            pid: 1, version: "1", startedAt: Date(timeIntervalSince1970: 0), paused: false, running: [])
        let server = try ControlServer(
            stateFolder: state, mode: 0o600, operations: service.operations(), heartbeat: Heartbeat(name: "control"),
            stop: service.stop, logger: service.logger, status: { status },
            health: { ServiceHealth().report(polling: false, diskFull: false, ignored: 0) })
        let thread = try server.start()
        defer {
            service.stop.stop()
            thread.join(timeout: 60)
        }
        let path = UnixSocketAddress.controlSocket(inState: state)
        let client = ControlClient(socket: path)
        let corpus = try Self.requests.map { try ControlLine.encode($0) }
        let mutator = Mutator(corpus: corpus, dictionary: Self.dictionary, seed: 13)
        // Each message is a connection and perhaps a write to the database.
        let tally = try FuzzCampaign("listener", share: 10).run(mutator) { bytes in
            let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            guard try UnixSocketAddress.withAddress(of: path, { connect(socket, $0, $1) }) == 0 else {
                return .wrong("the listener does not answer")
            }
            try LineWriter.send(bytes, to: socket, deadline: .now + .seconds(60))
            shutdown(socket, Int32(SHUT_WR))
            var reader = LineReader(descriptor: socket)
            var isAnswered = true
            while let line = try reader.next(deadline: .now + .seconds(60)) {
                if case .failure = try ControlLine.decodeReply(line) { isAnswered = false }
            }
            return isAnswered ? .accepted : .refused
        }
        #expect(tally.wrong.isEmpty, "\(tally.wrong.joined(separator: "\n"))")
        #expect(tally.accepted > 100 && tally.refused > 100, "\(tally.accepted) carried out, \(tally.refused) refused")
        #expect(try client.send(.status, timeout: .seconds(60)) == .status(status))
    }
}
