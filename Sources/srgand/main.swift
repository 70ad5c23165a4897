import ArgumentParser
import CommandSupport
import Glibc
import LinuxSupport
import ServiceConfiguration
import SystemPackage
import UpscaleDaemon

/// Parses the arguments; `UpscaleDaemon` does everything else.
struct Srgand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "srgand",
        abstract: "Watches folders and upscales every image that is dropped into them.",
        discussion: """
            Exit codes: 0 done, 2 some jobs failed (--drain), 64 wrong usage, 74 standard output cannot be written, 75 try again later (another srgand holds the \
            state folder, or the system refused something), 78 bad configuration or model.
            """,
        version: "srgand \(ProgramVersion.current)")

    @Option(help: "The configuration file (default: ./config.toml, else /etc/srgan/config.toml).")
    var config: String?

    @Flag(help: "Process the files in the inboxes now, then exit: 0, or 2 if some jobs failed.")
    var drain = false

    @Flag(
        name: .customLong("check-config"),
        help: "Report every mistake in the configuration, then exit: 0, or 78 if there are any.")
    var checkConfig = false

    func validate() throws {
        if drain && checkConfig { throw ValidationError("--drain and --check-config cannot be used together.") }
    }

    func run() throws {
        let path = config.map { FilePath($0) } ?? Configuration.defaultPath
        let status: Int32
        if checkConfig {
            status = ServiceRunner.checkConfiguration(path: path)
        } else {
            status = ServiceRunner.run(path: path, drain: drain)
        }
        throw ExitCode(status)
    }
}

Srgand.runProgram()
