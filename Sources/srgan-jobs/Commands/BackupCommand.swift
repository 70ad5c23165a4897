import ArgumentParser
import Foundation
import LinuxSupport
import QueueControl
import SystemPackage

/// `srgan-jobs backup FILE`.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the queue's database, whether the daemon runs or not.",
        discussion: """
            The file appears under its name once the copy is complete, checked and durable. docs/operations.md \
            describes how to restore it.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    @Flag(name: .shortAndLong, help: "Replace FILE.")
    var force = false

    @Argument(help: ArgumentHelp("The copy.", valueName: "file"))
    var file: String

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            let path = Arguments.paths([file])[0]
            let summary: QueueBackup.Summary
            do {
                summary = try session.backUp(to: path, replacing: force)
            } catch let error as FileError {
                guard let number = error.systemError, Self.permanentErrors.contains(number) else { throw error }
                Console.error("\(path.escaped) cannot be created: \(Errno(rawValue: number)).")
                throw ExitStatus.cannotCreate
            }
            StandardOutput.print(format.json ? Self.json(summary).text : Self.line(summary))
        }
    }

    /// The errors for a folder that does not exist or cannot be written. A second attempt would fail too.
    private static let permanentErrors = [ENOENT, ENOTDIR, EACCES, EPERM, EROFS]

    /// The summary in one line: `/backup/srgan.db: 1204 jobs, 1.5 MB`.
    static func line(_ summary: QueueBackup.Summary) -> String {
        "\(summary.file.escaped): \(summary.jobs) job\(summary.jobs == 1 ? "" : "s"), \(Quantity.bytes(summary.bytes))"
    }

    /// The summary for `--json`; docs/cli.md describes every field.
    static func json(_ summary: QueueBackup.Summary) -> JSONValue {
        .object([
            ("version", 1), ("file", .string(String(validating: summary.file) ?? summary.file.escaped)),
            ("bytes", JSONValue(summary.bytes)), ("jobs", JSONValue(summary.jobs)),
            ("schema_version", JSONValue(summary.schemaVersion)),
        ])
    }
}
