import ArgumentParser
import CommandSupport
import LinuxSupport

/// `srgan-jobs`: shows and changes the queue, for people and scripts.
@main
struct SRGANJobs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "srgan-jobs",
        abstract: "Show and change the queue of srgand.",
        discussion: """
            Works whether the daemon runs, stopped or was killed: reads the database at any time, and makes changes through \
            the daemon, or directly if none runs.

            Exit status: 0 done, 1 failed, 2 some of several failed, 64 wrong usage, 69 daemon not reachable, 74 standard \
            output cannot be written, 75 try again later, 78 bad configuration.
            """,
        version: ProgramVersion.current,
        subcommands: [
            ListCommand.self, ShowCommand.self, AddCommand.self, RetryCommand.self, CancelCommand.self,
            PauseCommand.self, ResumeCommand.self, StatsCommand.self, EventsCommand.self, PruneCommand.self,
            WaitCommand.self,
            HealthCommand.self, BackupCommand.self,
        ])

    // The program and every subcommand have these options, so that `--config` is accepted before and after the
    // command's name.
    @OptionGroup var common: CommonOptions

    static func main() { runProgram() }
}
