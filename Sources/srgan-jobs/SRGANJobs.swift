import ArgumentParser
import LinuxSupport

/// `srgan-jobs`: the queue, for people and scripts.
@main
struct SRGANJobs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "srgan-jobs",
        abstract: "Show and steer the queue of srgand.",
        discussion: """
            Works with the daemon live, stopped or killed: reads the database at any time, and makes changes through the \
            daemon, or by itself when none runs.

            Exit status: 0 done, 1 failed, 2 some of several failed, 64 wrong usage, 69 daemon not reachable, 75 try again \
            later, 78 bad configuration.
            """,
        version: ProgramVersion.current,
        subcommands: [
            ListCommand.self, ShowCommand.self, AddCommand.self, RetryCommand.self, CancelCommand.self,
            PauseCommand.self, ResumeCommand.self, StatsCommand.self, PruneCommand.self, WaitCommand.self,
            HealthCommand.self, BackupCommand.self,
        ])

    // Here and in every subcommand: the option may stand before the command's name and after it.
    @OptionGroup var common: CommonOptions
}
