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

    func run() throws {
        try ExitStatus.reporting {
            _ = try common.session().change(.pause)
            StandardOutput.print("paused")
        }
    }
}

/// `srgan-jobs resume`.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Start jobs again after 'pause'.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        try ExitStatus.reporting {
            _ = try common.session().change(.resume)
            StandardOutput.print("resumed")
        }
    }
}
