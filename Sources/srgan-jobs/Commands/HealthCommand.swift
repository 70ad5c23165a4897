import ArgumentParser
import DaemonControl
import Foundation
import LinuxSupport

/// `srgan-jobs health`.
struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Show whether the daemon is live, ready or stalled.",
        discussion: """
            Exit status: 0 ready, 1 stalled (a part of the daemon makes no progress, or it does not answer), 69 not running, 75 \
            starting or stopping.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            let health = try session.health()
            // A report of health must not fail because the database cannot be read.
            let paused = try? session.history().isPaused()
            StandardOutput.print(
                format.json
                    ? JSONValue.object(
                        health.json + [("paused", paused.map { .bool($0) } ?? .null)] + session.place.json
                    ).text
                    : health.line(paused: paused ?? false) + "\n" + session.place.line)
            if let code = health.exitCode { throw code }
        }
    }
}

/// The result of `health` and the functions that format it, which are pure.
enum HealthFinding: Equatable {
    /// No process holds the lock of the state folder.
    case notRunning
    /// A process holds the lock of the state folder but does not listen on the control socket: a daemon is starting or
    /// stopping, or another `srgan-jobs` is changing the queue directly.
    case notListening(pid: Int32)
    /// A process holds the lock of the state folder but did not answer.
    case silent(pid: Int32)
    /// The daemon's own report.
    case reported(DaemonHealth)

    /// The state in one word, for `--json`.
    var state: String {
        switch self {
        case .notRunning: "not_running"
        case .notListening: DaemonHealth.State.starting.rawValue
        case .silent: DaemonHealth.State.stalled.rawValue
        case .reported(let health): health.state.rawValue
        }
    }

    private var isReady: Bool { state == DaemonHealth.State.ready.rawValue }
    private var isStalled: Bool { state == DaemonHealth.State.stalled.rawValue }

    private var pid: Int32? {
        switch self {
        case .notRunning: nil
        case .notListening(let pid), .silent(let pid): pid
        case .reported(let health): health.pid
        }
    }

    private var reported: DaemonHealth? { if case .reported(let health) = self { health } else { nil } }

    /// The exit code; nil if the daemon is ready.
    var exitCode: ExitCode? {
        if isReady { return nil }
        if isStalled { return ExitStatus.failed }
        return self == .notRunning ? ExitStatus.unavailable : ExitStatus.tryAgain
    }

    /// The state in one line, then a line for each inbox and folder that cannot be scanned.
    ///
    /// - paused: true if a person paused the queue.
    func line(paused: Bool) -> String {
        switch self {
        case .notRunning: return "not running"
        case .notListening(let pid): return "starting: process \(pid) holds the state folder and does not listen"
        case .silent(let pid): return "stalled: process \(pid) does not answer"
        case .reported(let health):
            var remarks = health.stuck.map { "\($0.name) has made no progress for \(Quantity.duration($0.seconds))" }
            if paused { remarks.append("a person paused the queue (srgan-jobs resume)") }
            if health.diskFull { remarks.append("no job starts because a disk is full") }
            if let trouble = health.trouble { remarks.append(PlainText.clean(trouble)) }
            if health.polling { remarks.append("an inbox is polled") }
            if let count = health.ignored, count > 0 {
                remarks.append("ignored files that are no images: \(count) (srgan-jobs list --ignored)")
            }
            let state = health.state.rawValue + (remarks.isEmpty ? "" : ": " + remarks.joined(separator: "; "))
            return ([state] + health.problems).joined(separator: "\n")
        }
    }

    /// The result for `--json`; docs/cli.md describes every field.
    var json: [(String, JSONValue)] {
        let stuck = (reported?.stuck ?? []).map {
            JSONValue.object([("name", .string($0.name)), ("seconds", .number($0.seconds))])
        }
        return [
            ("version", 1), ("state", .string(state)), ("live", .bool(self != .notRunning)), ("ready", .bool(isReady)),
            ("stalled", .bool(isStalled)), ("daemon_pid", JSONValue(pid.map(Int64.init))),
            ("daemon_version", JSONValue(reported?.version)), ("stuck", .array(stuck)),
            ("polling", reported.map { .bool($0.polling) } ?? .null),
            ("disk_full", reported.map { .bool($0.diskFull) } ?? .null),
            ("trouble", JSONValue(reported?.trouble)),
            ("unavailable_inboxes", JSONValue(reported.map { Int64($0.unavailableInboxes) })),
            ("left_out_folders", JSONValue(reported.map { Int64($0.leftOutFolders) })),
            ("problems", .array((reported?.problems ?? []).map(JSONValue.string))),
            ("ignored", JSONValue(reported?.ignored)),
        ]
    }
}
