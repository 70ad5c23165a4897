/// The daemon's functions that queue operations call when they run in the daemon's process.
public struct DaemonHooks: Sendable {
    /// Announces that a job may be waiting.
    var wake: @Sendable () -> Void
    /// Kills the worker of a job; returns false when no worker runs the job.
    var interrupt: @Sendable (Int64) -> Bool
    /// Asks for a scan of all inboxes.
    var rescan: @Sendable () -> Void
    /// Ends the process after a failed fsync; does nothing for other errors.
    var endIfUncertain: @Sendable (any Error) -> Void

    /// For a process that is not the daemon: the functions do nothing.
    static let none = DaemonHooks(wake: {}, interrupt: { _ in false }, rescan: {}, endIfUncertain: { _ in })
}
