import DaemonControl
import Foundation
import SystemPackage
import Testing

/// The control protocol over real sockets.
@Suite struct ControlTests {
    private let folder: TemporaryFolder
    private var socket: FilePath { UnixSocketAddress.controlSocket(inState: folder.path) }
    init() throws { folder = try TemporaryFolder() }

    static let strange = [0xFF, 0x0A, 0x1B, 0x20, 0].map { CChar(truncatingIfNeeded: $0) }
        .withUnsafeBufferPointer { FilePath("/in").appending(FilePath.Component(platformString: $0.baseAddress!)!) }

    static let requests: [ControlRequest] = [
        .status, .health, .add(paths: ["/a/b.jpg", strange], inbox: nil), .add(paths: [], inbox: strange),
        .add(paths: ["/a/b.jpg", "/c"], subfolders: [strange, FilePath()], inbox: nil),
        .retry(ids: [1, 2]),
        .cancel(ids: [.max]), .pause, .resume, .prune(finishedBefore: noon), .rescan,
    ]

    static let replies: [ControlReply] = [
        .status(
            DaemonStatus(
                pid: 7, version: "0.1.0", startedAt: noon, paused: true,
                running: [
                    RunningJob(
                        id: 3, workerPID: 8, startedAt: noon, firstTileAt: noon + 1, tilesDone: 2, tilesTotal: 9,
                        inputWidth: 640, inputHeight: 480), RunningJob(id: 4, startedAt: noon),
                ])),
        .health(DaemonHealth(pid: 7, version: "0.1.0", state: .ready, polling: true, diskFull: false)),
        .health(
            DaemonHealth(
                pid: 7, version: "0.1.0", state: .stalled, stuck: [DaemonHealth.Stuck(name: "main", seconds: 61.5)],
                polling: false, diskFull: true)),
        .files([FileOutcome(kind: .created, id: 1), FileOutcome(kind: .refused, message: "No.\nNever.")]),
        .jobs([JobOutcome(id: 1, changed: true), JobOutcome(id: 2, changed: false, message: "It ended.")]), .pruned(12),
        .done, .failure(ControlError(.refused, "Disk full.")),
    ]

    @Test func messagesSurviveTheWire() throws {
        for request in Self.requests {
            let line = try ControlLine.encode(request)
            #expect(line.firstIndex(of: 10) == line.count - 1)
            #expect(try ControlLine.decodeRequest(line.dropLast()) == request)
        }
        for reply in Self.replies {
            let line = try ControlLine.encode(reply)
            #expect(line.firstIndex(of: 10) == line.count - 1)
            #expect(try ControlLine.decodeReply(line.dropLast()) == reply)
        }
    }

    @Test func theWireIsAsDocumented() throws {
        #expect(try text(ControlLine.encode(.cancel(ids: [7]))) == #"{"ids":[7],"request":"cancel","version":1}"#)
        #expect(
            try text(ControlLine.encode(.add(paths: ["/a"], inbox: nil)))
                == #"{"paths":["L2E="],"request":"add","version":1}"#)
        #expect(try text(ControlLine.encode(.done)) == #"{"reply":"done","version":1}"#)
    }

    private func text(_ line: [UInt8]) -> String { String(decoding: line.dropLast(), as: UTF8.self) }

    @Test(arguments: [
        "", "{}", "[]", "status", #"{"version":1}"#, #"{"version":1,"request":"explode"}"#,
        #"{"version":1,"request":"retry"}"#, #"{"version":1,"request":"retry","ids":["x"]}"#,
        #"{"version":1,"request":"add","paths":["AA=="]}"#, #"{"version":1,"request":"add","paths":["?"]}"#,
        "\u{0}\u{1}",
    ])
    func nonsenseIsMalformed(_ line: String) {
        #expect { try ControlLine.decodeRequest(line.utf8) } throws: { ($0 as? ControlError)?.code == .malformed }
    }

    @Test func anotherVersionIsRefused() {
        let line = #"{"version":2,"request":"status"}"#
        #expect { try ControlLine.decodeRequest(line.utf8) } throws: {
            ($0 as? ControlError)?.code == .unsupportedVersion
        }
    }

    @Test func theClientGetsItsReply() throws {
        let server = try OneLineServer(at: socket) {
            try ControlLine.encode($0 == .pause ? ControlReply.done : .pruned(0))
        }
        defer { server.stop() }
        #expect(try ControlClient(socket: socket).send(.pause) == .done)
        #expect(try ControlClient(socket: socket).send(.status) == .pruned(0))
    }

    @Test func aFailureIsThrown() throws {
        let server = try OneLineServer(at: socket) { _ in
            try ControlLine.encode(.failure(ControlError(.refused, "No.")))
        }
        defer { server.stop() }
        #expect(throws: ControlError(.refused, "No.")) { try ControlClient(socket: socket).send(.pause) }
    }

    @Test func noDaemonListens() throws {
        #expect { try ControlClient(socket: socket).send(.status) } throws: {
            ($0 as? ControlError)?.code == .notRunning
        }
        try OneLineServer(at: socket) { _ in [] }.stop()
        #expect(FileManager.default.fileExists(atPath: socket.string))
        #expect { try ControlClient(socket: socket).send(.status) } throws: {
            ($0 as? ControlError)?.code == .notRunning
        }
    }

    @Test func aSilentDaemonTimesOut() throws {
        // The connection stays in the backlog and is not accepted.
        let server = try OneLineServer(at: socket, accepts: false) { _ in [] }
        defer { server.stop() }
        #expect { try ControlClient(socket: socket).send(.status, timeout: .milliseconds(50)) } throws: {
            ($0 as? ControlError)?.code == .timedOut
        }
    }

    @Test func aBrokenReplyIsDetected() throws {
        let server = try OneLineServer(at: socket) { $0 == .pause ? Array("{\"version\":1,".utf8) : [] }
        defer { server.stop() }
        for request in [ControlRequest.pause, .resume] {
            #expect { try ControlClient(socket: socket).send(request) } throws: {
                ($0 as? ControlError)?.code == .disconnected
            }
        }
    }

    @Test func aSocketPathLongerThanAnAddressWorks() throws {
        let deep = folder.path.appending(String(repeating: "d", count: 200))
        try FileManager.default.createDirectory(atPath: deep.string, withIntermediateDirectories: false)
        let far = UnixSocketAddress.controlSocket(inState: deep)
        let server = try OneLineServer(at: far) { _ in try ControlLine.encode(ControlReply.done) }
        defer { server.stop() }
        #expect(try ControlClient(socket: far).send(.rescan) == .done)
    }

    @Test func timeLeftIsEstimatedFromFinishedTiles() {
        var job = RunningJob(id: 1, startedAt: noon, firstTileAt: noon + 2, tilesDone: 0, tilesTotal: 20)
        #expect(job.secondsLeft(now: noon + 12) == nil)
        job.tilesDone = 5
        #expect(job.secondsLeft(now: noon + 12) == 30)
        job.tilesDone = 20
        #expect(job.secondsLeft(now: noon + 12) == 0)
    }
}

/// A server that reads one line from each connection, replies with the result of `answer`, and hangs up.
private final class OneLineServer: @unchecked Sendable {
    // Invariant: `listener` is set once, before the thread starts.
    private let listener: Int32
    private let finished = DispatchSemaphore(value: 0)
    private let accepts: Bool

    init(at path: FilePath, accepts: Bool = true, answer: @escaping @Sendable (ControlRequest) throws -> [UInt8]) throws
    {
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        self.accepts = accepts
        let listener = listener
        let bound = try UnixSocketAddress.withAddress(of: path) { bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 8) == 0 else { throw Errno(rawValue: errno) }
        guard accepts else { return }
        Thread.detachNewThread { [finished] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                let deadline = ContinuousClock.now + .seconds(10)
                var reader = LineReader(descriptor: connection)
                if let line = try? reader.next(deadline: deadline), let request = try? ControlLine.decodeRequest(line),
                    let reply = try? answer(request)
                {
                    try? LineWriter.send(reply, to: connection, deadline: deadline)
                }
                close(connection)
            }
            finished.signal()
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        if accepts { finished.wait() }
        close(listener)
    }
}
