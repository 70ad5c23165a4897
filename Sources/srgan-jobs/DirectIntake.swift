import DaemonControl
import JobQueue
import SystemPackage

/// Intake while no daemon runs.
struct DirectIntake {
    let store: SQLiteJobStore

    func add(_ paths: [FilePath], inbox: FilePath?) throws -> [FileOutcome] {
        throw ControlError(.notRunning, "No daemon runs.")
    }

    func retry(_ ids: [Int64]) throws -> [JobOutcome] {
        throw ControlError(.notRunning, "No daemon runs.")
    }
}

extension Session {
    func intake(_ store: SQLiteJobStore) -> DirectIntake { DirectIntake(store: store) }
}
