import ArgumentParser
import DaemonControl
import Foundation
import LinuxSupport

/// `srgan-jobs health`.
struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Tell whether the daemon is live, ready or stalled.",
        discussion: """
            Exit status: 0 ready, 1 stalled (some part of the daemon stands still, or it does not answer), 69 not running, 75 \
            starting or stopping.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    func run() throws {
        try ExitStatus.reporting {
            let health = try common.session().health()
            Console.print(format.json ? health.json.text : health.line)
            if let code = health.exitCode { throw code }
        }
    }
}

/// What `health` found out, and how it prints it: pure functions.
enum HealthFinding: Equatable {
    /// Nobody holds the state folder.
    case notRunning
    /// Somebody holds the state folder and does not listen: it starts, stops, or changes the queue by hand.
    case notListening(pid: Int32)
    /// Somebody holds the state folder, was asked and said nothing.
    case silent(pid: Int32)
    /// The daemon's own words.
    case told(DaemonHealth)

    /// One word, as JSON carries it.
    var state: String {
        switch self {
        case .notRunning: "not_running"
        case .notListening: DaemonHealth.State.starting.rawValue
        case .silent: DaemonHealth.State.stalled.rawValue
        case .told(let health): health.state.rawValue
        }
    }

    private var isReady: Bool { state == DaemonHealth.State.ready.rawValue }
    private var isStalled: Bool { state == DaemonHealth.State.stalled.rawValue }

    private var pid: Int32? {
        switch self {
        case .notRunning: nil
        case .notListening(let pid), .silent(let pid): pid
        case .told(let health): health.pid
        }
    }

    private var told: DaemonHealth? { if case .told(let health) = self { health } else { nil } }

    /// Nil when all is well.
    var exitCode: ExitCode? {
        if isReady { return nil }
        if isStalled { return ExitStatus.failed }
        return self == .notRunning ? ExitStatus.unavailable : ExitStatus.tryAgain
    }

    /// One sentence.
    var line: String {
        switch self {
        case .notRunning: return "not running"
        case .notListening(let pid): return "starting: process \(pid) holds the state folder and does not listen"
        case .silent(let pid): return "stalled: process \(pid) does not answer"
        case .told(let health):
            var remarks = health.stuck.map { "\($0.name) has not moved for \(Quantity.duration($0.seconds))" }
            if health.diskFull { remarks.append("nothing is started, a disk is full") }
            if health.polling { remarks.append("some inbox is polled") }
            return health.state.rawValue + (remarks.isEmpty ? "" : ": " + remarks.joined(separator: "; "))
        }
    }

    /// docs/cli.md describes every field.
    var json: JSONValue {
        let stuck = (told?.stuck ?? []).map {
            JSONValue.object([("name", .string($0.name)), ("seconds", .number($0.seconds))])
        }
        return .object([
            ("version", 1), ("state", .string(state)), ("live", .bool(self != .notRunning)), ("ready", .bool(isReady)),
            ("stalled", .bool(isStalled)), ("daemon_pid", JSONValue(pid.map(Int64.init))),
            ("daemon_version", JSONValue(told?.version)), ("stuck", .array(stuck)),
            ("polling", told.map { .bool($0.polling) } ?? .null),
            ("disk_full", told.map { .bool($0.diskFull) } ?? .null),
        ])
    }
}
