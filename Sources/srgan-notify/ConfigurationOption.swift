import ArgumentParser
import EventHooks
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// `--config`, for every command.
struct ConfigurationOption: ParsableArguments {
    @Option(help: "The configuration file (default: ./config.toml, else /etc/srgan/config.toml).")
    var config: String?

    /// Reads the configuration.
    func load() throws -> Configuration {
        try Configuration.load(path: config.map { FilePath($0) } ?? Configuration.defaultPath)
    }

    /// Opens the deliveries of the configuration.
    func deliveries() throws -> DeliveryStore {
        try DeliveryStore(directory: load().notify.directory, creating: false)
    }

    /// Runs a command. If it throws an error, prints it and throws the exit code for it.
    static func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as ExitCode {
            throw error
        } catch let error as DaemonError {
            for line in error.description.split(separator: "\n") { StandardError.write(line: "srgan-notify: \(line)") }
            throw ExitCode(error.exitCode)
        } catch {
            StandardError.write(line: "srgan-notify: \(error)")
            throw ExitCode((error as? JobStoreError)?.code == .stateLocked || error is Errno ? 75 : 1)
        }
    }
}
