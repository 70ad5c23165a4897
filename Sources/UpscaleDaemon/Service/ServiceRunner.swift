import Foundation
import Glibc
import JobQueue
import LinuxSupport
import Logging
import ModelLocation
import SystemPackage

/// What `srgand` does after its arguments are parsed.
public enum ServiceRunner {
    /// Prints every mistake of a configuration to standard error, or one line that it is fine; returns the exit code.
    public static func checkConfiguration(path: FilePath) -> Int32 {
        do {
            let settings = try load(path)
            for inbox in settings.inboxes {
                let model = inbox.model
                StandardOutput.print(
                    "\(inbox.configuration.path.escaped) -> \(inbox.configuration.outbox.escaped), model \(model.path.escaped) (\(model.sha256.prefix(12)))"
                )
            }
            StandardOutput.print("\(path.escaped): fine.")
            return 0
        } catch {
            return report(error)
        }
    }

    /// Runs the service until it is told to stop; returns the exit code.
    public static func run(path: FilePath, drain: Bool) -> Int32 {
        StandardDescriptors.open()
        // Before the first thread: all of them inherit it, and only the main thread takes signals, when it wants to.
        ServiceSignals.block()
        do {
            let settings = try load(path)
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
            complain(error.message)
            return error.exitCode
        case let error as JobStoreError:
            complain(error.message)
            switch error.code {
            case .newerSchema, .foreignDatabase, .noDatabase: return 78
            default: return 75
            }
        default:
            complain("\(error)")
            return 75
        }
    }

    /// What keeps the service from starting: one line a mistake, with the journal's priority where it reads them.
    private static func complain(_ message: String) {
        let isJournal = JournalStream.isBehind(
            STDERR_FILENO, environment: ProcessInfo.processInfo.environment)
        for line in message.split(separator: "\n") {
            StandardError.write(
                line: isJournal
                    ? ServiceLog.line(String(line), level: .critical, isJournal: true, now: Date()) : String(line))
        }
    }
}

/// The signals that the service takes, on its main thread only.
enum ServiceSignals {
    /// Has every thread that is started from now on leave them to the main thread.
    static func block() {
        var signals = set
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// The next signal, or nil when none came in time.
    static func next(within seconds: Double) -> Int32? {
        var signals = set
        var time = timespec(
            tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1_000_000_000))
        let number = sigtimedwait(&signals, nil, &time)
        return number > 0 ? number : nil
    }

    private static var set: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, number) }
        return signals
    }
}

/// Finds the program that workers run.
enum WorkerProgram {
    static func find(_ configuration: Configuration) throws -> FilePath {
        let beside = ModelLocator.runningProgram()?.removingLastComponent().appending("srgan")
        guard let program = configuration.workers.program ?? beside else {
            throw DaemonError(.configuration, "The program srgan was not found; set workers.program.")
        }
        guard program.withPlatformString({ access($0, X_OK) }) == 0 else {
            throw DaemonError(
                .configuration,
                "\(configuration.file.escaped): workers.program: \(program.escaped) cannot be run: \(Errno(rawValue: errno))."
            )
        }
        return program
    }
}
