import ArgumentParser
import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import QueueControl
import ServiceConfiguration
import SystemPackage

/// `srgan-jobs add FILE...`.
struct AddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Queue files without dropping them into an inbox; they stay where they are.",
        discussion: """
            Prints one line per file: the job's id and the file. 'srgan-jobs wait' takes the ids. Of a folder, all files are \
            added, except those that an inbox ignores; their outputs lie in the same subfolders of the outbox.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    @Option(
        help: ArgumentHelp(
            "Use the model, the settings and the outbox of this inbox. (default: the first inbox)",
            valueName: "folder"))
    var inbox: String?

    @Argument(help: ArgumentHelp("Files and folders.", valueName: "file"))
    var files: [String]

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            let folder = inbox.map { Arguments.absolute(FilePath($0)) }
            let settings = session.configuration?.inboxes.first { folder == nil || $0.path == folder }
            let rules = IgnoreRules(configured: settings?.ignore ?? [], marker: settings?.marker)
            let added = Arguments.paths(files).flatMap { AddedFile.files(at: $0, rules: rules) }
            let results = try outcomes(of: added, folder: folder, session: session)
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
            try ExitStatus.check(failures: results.count { $0.outcome.kind == .refused }, of: results.count)
        }
    }

    private func outcomes(of added: [AddedFile], folder: FilePath?, session: Session) throws -> [FileResult] {
        let problems = added.compactMap { file in
            file.problem.map { FileResult(path: file.path, outcome: FileOutcome(kind: .refused, message: $0)) }
        }
        let files = added.filter { $0.problem == nil }
        var outcomes: [FileOutcome] = []
        for start in stride(from: 0, to: files.count, by: ControlLine.maximumItems) {
            let part = files[start..<min(start + ControlLine.maximumItems, files.count)]
            let hasSubfolders = part.contains { !$0.subfolder.isEmpty }
            // The daemon copies and hashes each file before it replies.
            let reply = try session.change(
                .add(
                    paths: part.map(\.path), subfolders: hasSubfolders ? part.map(\.subfolder) : [], inbox: folder),
                timeout: .seconds(600))
            guard case .files(let answers) = reply, answers.count == part.count else {
                throw ControlError(.malformed, "The daemon's reply does not match the request.")
            }
            outcomes += answers
        }
        return zip(files, outcomes).map { FileResult(path: $0.path, outcome: $1) } + problems
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
