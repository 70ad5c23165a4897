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
    ///
    /// A configuration with mistakes is reported in one line. As long as it names a state folder, the queue can be read,
    /// and a daemon that runs with an earlier version of the file can be asked.
    func session() throws -> Session {
        let named = config ?? ProcessInfo.processInfo.environment["SRGAN_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let path = named.map { FilePath($0) } ?? Configuration.defaultPath
        do {
            return Session(try Configuration.load(path: path))
        } catch let error as DaemonError {
            guard let state = Configuration.stateFolder(path: path), let first = error.mistakes.first else {
                throw error
            }
            let rest = error.mistakes.count - 1
            let others = rest == 0 ? "" : " (and \(rest) more mistake\(rest == 1 ? "" : "s"))"
            Console.error("Warning: \(first)\(others) The queue in \(state.escaped) is used nevertheless.")
            return Session(file: path, stateFolder: state)
        }
    }
}

/// `--json`, for every command that prints a table.
struct FormatOptions: ParsableArguments {
    @Flag(help: "Print JSON; docs/cli.md describes every field.")
    var json = false
}
