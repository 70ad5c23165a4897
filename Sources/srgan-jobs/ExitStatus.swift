import ArgumentParser
import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import ServiceConfiguration

/// The exit codes that scripts rely on. Those above 2 are from sysexits.h.
enum ExitStatus {
    static let failed = ExitCode(1)
    static let someFailed = ExitCode(2)
    static let badData = ExitCode(65)
    static let unavailable = ExitCode(69)
    static let cannotCreate = ExitCode(73)
    static let tryAgain = ExitCode(75)
    static let badConfiguration = ExitCode(78)

    /// Runs a command. If it throws an error, prints the error on standard error and throws the exit code for it.
    static func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as ExitCode {
            throw error
        } catch {
            Console.error("\(error)")
            throw code(of: error)
        }
    }

    /// The exit code for an error.
    static func code(of error: any Error) -> ExitCode {
        switch error {
        case let error as DaemonError: ExitCode(error.exitCode)
        case is FileError: tryAgain
        case let error as ControlError: code(of: error.code)
        case let error as JobStoreError: code(of: error.code)
        default: failed
        }
    }

    /// Returns if nothing failed. Throws exit code 1 if everything failed, and 2 if only a part failed.
    static func check(failures: Int, of count: Int) throws {
        guard failures > 0 else { return }
        throw failures < count ? someFailed : failed
    }

    private static func code(of code: ControlError.Code) -> ExitCode {
        switch code {
        case .notRunning, .permissionDenied, .timedOut, .disconnected, .unsupportedVersion: unavailable
        case .stopping, .refused: tryAgain
        case .malformed, .tooLong, .internalError: failed
        }
    }

    private static func code(of code: JobStoreError.Code) -> ExitCode {
        switch code {
        case .stateLocked, .noDatabase, .unavailable: unavailable
        case .diskFull, .inputOutput, .busy, .outOfMemory, .replaced: tryAgain
        case .newerSchema, .foreignDatabase: badConfiguration
        case .damaged: badData
        case .lostClaim, .alreadyQueued, .contradiction, .unexpected: failed
        }
    }
}
