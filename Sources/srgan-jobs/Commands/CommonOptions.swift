import ArgumentParser
import DaemonControl
import Foundation
import JobQueue
import SystemPackage
import UpscaleDaemon

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's configuration. (default: $SRGAN_CONFIG, ./config.toml or /etc/srgan/config.toml)",
            valueName: "file"))
    var config: String?

    /// Reads the configuration that was named, or found.
    func session() throws -> Session {
        let named = config ?? ProcessInfo.processInfo.environment["SRGAN_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        return Session(try Configuration.load(path: named.map { FilePath($0) } ?? Configuration.defaultPath))
    }
}

/// `--json`, of every command that prints a table.
struct FormatOptions: ParsableArguments {
    @Flag(help: "Print JSON; docs/cli.md describes every field.")
    var json = false
}

/// Numbers of jobs, of the commands that change some.
struct JobArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("The jobs' numbers.", valueName: "id"))
    var ids: [Int64]
}
