/// What operations on the queue need from the daemon in whose process they run.
public struct DaemonHooks: Sendable {
    /// Announces that a job may be waiting.
    var wake: @Sendable () -> Void
    /// Kills the worker of a job; false when no worker has it.
    var interrupt: @Sendable (Int64) -> Bool
    /// Has the inboxes scanned.
    var rescan: @Sendable () -> Void
    /// Ends the process after a failed fsync; does nothing for other errors.
    var endIfUncertain: @Sendable (any Error) -> Void

    /// For a process without a daemon.
    static let none = DaemonHooks(wake: {}, interrupt: { _ in false }, rescan: {}, endIfUncertain: { _ in })
}
