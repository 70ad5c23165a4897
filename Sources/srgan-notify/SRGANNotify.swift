import ArgumentParser
import CommandSupport
import LinuxSupport

/// `srgan-notify`: tells programs and web servers what happens to the jobs.
@main
struct SRGANNotify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "srgan-notify",
        abstract: "Tell programs and web servers what happens to the jobs of srgand.",
        discussion: """
            Delivers each event that a [[hook]] of the configuration asks for at least once, and the events of each job in \
            their order, across restarts of any part.

            Exit status: 0 done, 1 failed, 64 wrong usage, 74 standard output cannot be written, 75 try again later, 78 bad \
            configuration.
            """,
        version: ProgramVersion.current,
        subcommands: [RunCommand.self, ListCommand.self, RetryCommand.self, ForgetCommand.self],
        defaultSubcommand: RunCommand.self)

    static func main() { runProgram() }
}
