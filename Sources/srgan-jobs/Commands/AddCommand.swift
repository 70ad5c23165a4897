import ArgumentParser
import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import SystemPackage

/// `srgan-jobs add FILE...`.
struct AddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Queue files without dropping them into an inbox; they stay where they are.",
        discussion: "Prints one line per file: the job's id and the file. 'srgan-jobs wait' takes the ids.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    @Option(
        help: ArgumentHelp(
            "Use the model, the settings and the outbox of this inbox. (default: the first inbox)",
            valueName: "folder"))
    var inbox: String?

    @Argument(help: ArgumentHelp("The files.", valueName: "file"))
    var files: [String]

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            let paths = Arguments.paths(files)
            let folder = inbox.map { Arguments.absolute(FilePath($0)) }
            var outcomes: [FileOutcome] = []
            for start in stride(from: 0, to: paths.count, by: ControlLine.maximumItems) {
                let part = Array(paths[start..<min(start + ControlLine.maximumItems, paths.count)])
                // The daemon copies and hashes each file before it replies.
                let reply = try session.change(.add(paths: part, inbox: folder), timeout: .seconds(600))
                guard case .files(let answers) = reply, answers.count == part.count else {
                    throw ControlError(.malformed, "The daemon's reply does not match the request.")
                }
                outcomes += answers
            }
            let results = zip(paths, outcomes).map { FileResult(path: $0, outcome: $1) }
            // The files are queued; a history that cannot be read must not make that look like a failure.
            let now = Date()
            let queue = try? session.outlook(session.history(), daemon: session.daemon(), now: now)
            if format.json {
                StandardOutput.print(
                    JSONValue.object([
                        ("version", 1), ("files", .lines(results.map(\.json))),
                        ("queue", queue.map { .object($0.json) } ?? .null),
                    ]).text)
            } else {
                for result in results {
                    if let line = result.line { StandardOutput.print(line) } else { Console.error(result.refusal) }
                }
                // For a person only: scripts read the lines above.
                if let queue, queue.speed != nil, StandardError.isTerminal {
                    StandardError.write(line: queue.summary(timeZone: .current))
                }
            }
            try ExitStatus.check(failures: outcomes.count { $0.kind == .refused }, of: outcomes.count)
        }
    }
}

/// The outcome for one file, as `add` prints it. All members are pure functions.
struct FileResult {
    let path: FilePath
    let outcome: FileOutcome

    /// `12 /photos/a.jpg`; nil for a refused file.
    var line: String? {
        switch outcome.kind {
        case .created: "\(outcome.id ?? 0) \(path.escaped)"
        case .alreadyQueued: "\(outcome.id ?? 0) \(path.escaped) (queued already)"
        case .refused: nil
        }
    }

    /// The message about a refused file.
    var refusal: String { "\(path.escaped): \(outcome.message ?? "It was refused.")" }

    /// The outcome for `--json`; docs/cli.md describes every field.
    var json: JSONValue {
        .object([
            ("file", .string(String(validating: path) ?? path.escaped)), ("outcome", .string(outcome.kind.rawValue)),
            ("id", JSONValue(outcome.id)), ("message", JSONValue(outcome.message)),
        ])
    }
}
