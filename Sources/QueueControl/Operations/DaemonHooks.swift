/// The daemon's functions that queue operations call when they run in the daemon's process.
package struct DaemonHooks: Sendable {
    /// Announces that a job may be waiting.
    package let wake: @Sendable () -> Void
    /// Kills the worker of a job; returns false when no worker runs the job.
    package let interrupt: @Sendable (Int64) -> Bool
    /// Asks for a scan of all inboxes.
    package let rescan: @Sendable () -> Void
    /// Ends the process if the error is a failed fsync; does nothing for other errors.
    package let endIfUncertain: @Sendable (any Error) -> Void

    /// Creates hooks that call these functions.
    package init(
        wake: @escaping @Sendable () -> Void, interrupt: @escaping @Sendable (Int64) -> Bool,
        rescan: @escaping @Sendable () -> Void, endIfUncertain: @escaping @Sendable (any Error) -> Void
    ) {
        self.wake = wake
        self.interrupt = interrupt
        self.rescan = rescan
        self.endIfUncertain = endIfUncertain
    }

    /// Hooks that do nothing, for a process that is not the daemon.
    package static let none = DaemonHooks(wake: {}, interrupt: { _ in false }, rescan: {}, endIfUncertain: { _ in })
}
