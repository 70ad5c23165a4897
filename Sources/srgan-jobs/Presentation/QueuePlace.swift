import JobPresentation
import JobQueue
import LinuxSupport
import SystemPackage

/// Which queue the program uses. All members are pure functions.
struct QueuePlace: Equatable {
    /// The configuration file, absolute.
    let configuration: FilePath
    /// The state folder that it names.
    let stateFolder: FilePath

    /// `Queue: /var/lib/srgan (/etc/srgan/config.toml)`
    var line: String { "Queue: \(stateFolder.escaped) (\(configuration.escaped))" }

    /// The error when there is no queue.
    var missing: JobStoreError {
        JobStoreError(
            .noDatabase,
            "There is no queue in \(stateFolder.escaped) yet: srgand has not run with \(configuration.escaped).")
    }

    /// The place for `--json`; docs/cli.md describes every field.
    var json: [(String, JSONValue)] {
        [
            ("state_directory", .string(JobFields.text(stateFolder))),
            ("configuration", .string(JobFields.text(configuration))),
        ]
    }
}
