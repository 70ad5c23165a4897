import ArgumentParser
import Glibc
import LinuxSupport
import SystemPackage
import UpscaleDaemon

/// Argument parsing; everything else is `UpscaleDaemon`'s.
struct Srgand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "srgand",
        abstract: "Watches folders and upscales every image that is dropped into them.",
        discussion: """
            Exit codes: 0 done, 2 some jobs failed (--drain), 64 wrong usage, 75 try again later (another srgand holds the \
            state folder, or the system refused something), 78 bad configuration or model.
            """,
        version: "srgand \(ProgramVersion.current)")

    @Option(help: "The configuration file (default: ./config.toml, else /etc/srgan/config.toml).")
    var config: String?

    @Flag(help: "Process what is in the inboxes now, then exit: 0, or 2 when some jobs failed.")
    var drain = false

    @Flag(name: .customLong("check-config"), help: "Name every mistake in the configuration, then exit: 0, or 78.")
    var checkConfig = false

    func validate() throws {
        if drain && checkConfig { throw ValidationError("--drain and --check-config exclude each other.") }
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

Srgand.main()
