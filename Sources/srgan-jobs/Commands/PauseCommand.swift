import ArgumentParser
import DaemonControl
import Foundation
import JobQueue
import LinuxSupport

/// `srgan-jobs pause`.
struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Start no more jobs until 'resume'. Running jobs finish; the pause survives restarts.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    func run() throws {
        try ExitStatus.reporting {
            _ = try common.session().change(.pause)
            StandardOutput.print(format.json ? Self.json(paused: true).text : "paused")
        }
    }
}

extension PauseCommand {
    /// The new state for `--json`; docs/cli.md describes every field.
    static func json(paused: Bool) -> JSONValue { .object([("version", 1), ("paused", .bool(paused))]) }
}

/// `srgan-jobs resume`.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Start jobs again after 'pause'.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    func run() throws {
        try ExitStatus.reporting {
            _ = try common.session().change(.resume)
            StandardOutput.print(format.json ? PauseCommand.json(paused: false).text : "resumed")
        }
    }
}
