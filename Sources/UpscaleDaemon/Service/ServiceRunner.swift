import Foundation
import Glibc
import JobQueue
import LinuxSupport
import Logging
import ServiceConfiguration
import ServiceSupport
import SystemPackage

/// The work of `srgand` after it has parsed its arguments.
public enum ServiceRunner {
    /// Checks a configuration. Prints every mistake to standard error, or else each inbox and a confirmation to
    /// standard output; returns the exit code.
    public static func checkConfiguration(path: FilePath) -> Int32 {
        do {
            let settings = try load(path)
            for inbox in settings.inboxes {
                let model = inbox.model
                StandardOutput.print(
                    "\(inbox.configuration.path.escaped) -> \(inbox.configuration.outbox.escaped), model \(model.parts.map(\.path.escaped).joined(separator: ", ")) (\(model.sha256.prefix(12)))"
                )
            }
            for problem in settings.configuration.inboxes.compactMap(\.unavailability) {
                StandardOutput.print("\(problem) The service starts without it and scans it as soon as it is there.")
            }
            StandardOutput.print("\(path.escaped): fine.")
            return 0
        } catch {
            return report(error)
        }
    }

    /// Runs the service until a signal, an error or the end of a drain; returns the exit code.
    ///
    /// - drain: true to process the files that are in the inboxes now, and then to end.
    public static func run(path: FilePath, drain: Bool) -> Int32 {
        StandardDescriptors.open()
        ServiceSignals.prepare()
        do {
            let settings = try load(path)
            // Block the signals before the first thread starts: all threads inherit the mask. Then only the main thread
            // receives signals, by `ServiceSignals.next`.
            ServiceSignals.block()
            let service = try Service(settings: settings, isDrain: drain)
            return service.run()
        } catch {
            return report(error)
        }
    }

    private static func load(_ path: FilePath) throws -> ServiceSettings {
        try ServiceSettings.load(path: path, environment: ProcessInfo.processInfo.environment, judgingModels: true)
    }

    private static func report(_ error: any Error) -> Int32 {
        switch error {
        case let error as DaemonError:
            printError(error.message)
            return error.exitCode
        case let error as JobStoreError:
            printError(error.message)
            switch error.code {
            case .newerSchema, .foreignDatabase: return 78
            default: return 75
            }
        default:
            printError("\(error)")
            return 75
        }
    }

    /// Writes why the service does not start, one line for each mistake, with a priority if the journal reads the
    /// lines.
    private static func printError(_ message: String) {
        let isJournal = JournalStream.isBehind(
            STDERR_FILENO, environment: ProcessInfo.processInfo.environment)
        for line in message.split(separator: "\n") {
            StandardError.write(
                line: isJournal
                    ? ServiceLog.line(String(line), level: .critical, isJournal: true, now: Date()) : String(line))
        }
    }
}
