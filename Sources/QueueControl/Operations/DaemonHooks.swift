/// What operations on the queue need from the daemon in whose process they run.
package struct DaemonHooks: Sendable {
    /// Announces that a job may be waiting.
    package let wake: @Sendable () -> Void
    /// Kills the worker of a job; false when no worker has it.
    package let interrupt: @Sendable (Int64) -> Bool
    /// Has the inboxes scanned.
    package let rescan: @Sendable () -> Void
    /// Ends the process after a failed fsync; does nothing for other errors.
    package let endIfUncertain: @Sendable (any Error) -> Void

    package init(
        wake: @escaping @Sendable () -> Void, interrupt: @escaping @Sendable (Int64) -> Bool,
        rescan: @escaping @Sendable () -> Void, endIfUncertain: @escaping @Sendable (any Error) -> Void
    ) {
        self.wake = wake
        self.interrupt = interrupt
        self.rescan = rescan
        self.endIfUncertain = endIfUncertain
    }

    /// For a process without a daemon.
    package static let none = DaemonHooks(wake: {}, interrupt: { _ in false }, rescan: {}, endIfUncertain: { _ in })
}
