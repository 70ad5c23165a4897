import ArgumentParser
import DaemonControl
import Foundation
import JobQueue
import ServiceConfiguration
import SystemPackage

/// Options that every command has.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's configuration. (default: $SRGAN_CONFIG, ./config.toml or /etc/srgan/config.toml)",
            valueName: "file"))
    var config: String?

    /// Opens a session with the configuration from `--config` or `SRGAN_CONFIG`, or else with the default one.
    func session() throws -> Session {
        let named = config ?? ProcessInfo.processInfo.environment["SRGAN_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        return Session(try Configuration.load(path: named.map { FilePath($0) } ?? Configuration.defaultPath))
    }
}

/// `--json`, for every command that prints a table.
struct FormatOptions: ParsableArguments {
    @Flag(help: "Print JSON; docs/cli.md describes every field.")
    var json = false
}

/// Job ids, for commands that take several jobs.
struct JobArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("The job ids.", valueName: "id"))
    var ids: [Int64]
}
