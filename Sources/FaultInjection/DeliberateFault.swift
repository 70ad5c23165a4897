import Foundation

/// A promise that a debug build can be told to break, so that the tests of durability can be seen to fail.
///
/// `SRGAN_BREAK=skipSync,forgetRunning srgand ...` breaks two. A release build knows no such variable: there every
/// `isOn` is the constant false and the compiler drops what stands behind it.
public enum DeliberateFault: CaseIterable, Sendable {
    /// Nothing of the daemon's own is made durable.
    case skipSync
    /// A failed fsync is tried again, and believed the second time.
    case ignoreFailedSync
    /// SQLite's commits are not made durable.
    case relaxedCommits
    /// The output gets its final name before the queue knows that name.
    case renameBeforeCommit
    /// The output replaces what has its name already.
    case replaceOnRename
    /// A write under a claim that was lost is stored.
    case skipTokenCheck
    /// A start does not take back what a dead daemon had in work.
    case forgetRunning
    /// A start leaves the unfinished outputs of a dead daemon.
    case keepTemporaries
    /// The lock on the state folder is not taken.
    case skipLock
    /// `max_attempts` is not heeded.
    case retryForever
    /// A job that is given back stays charged.
    case chargeRelease
    /// Jobs are started however full the disks are.
    case ignoreRoom
    /// A full disk is the job's fault.
    case chargeFullDisk
    /// The worker reads the file in the inbox and no private copy.
    case workOnOriginal
    /// A bad configuration ends the service at a reload.
    case endAtBadConfiguration
    /// A migration's statements are no transaction.
    case migrateInPieces

    /// Whether this process breaks the promise.
    public var isOn: Bool {
        #if DEBUG
            Self.active.contains(self)
        #else
            false
        #endif
    }
}

#if DEBUG
    extension DeliberateFault {
        /// What is broken: what the environment asked for, or what a test asks for in its own task.
        @TaskLocal public static var active: Set<DeliberateFault> = {
            let words = ProcessInfo.processInfo.environment["SRGAN_BREAK"]?.split(separator: ",") ?? []
            let known = Dictionary(uniqueKeysWithValues: allCases.map { ("\($0)", $0) })
            return Set(
                words.map {
                    guard let fault = known[String($0)] else { fatalError("SRGAN_BREAK: \($0) is unknown") }
                    return fault
                })
        }()
    }

    /// Ends the process before one of its SQL statements, for the tests of migrations.
    public enum StatementKill {
        /// Which statement of a connection, from 1; nil without `SRGAN_KILL_AT_STATEMENT`.
        public static let number = ProcessInfo.processInfo.environment["SRGAN_KILL_AT_STATEMENT"].flatMap(Int.init)
    }
#endif
