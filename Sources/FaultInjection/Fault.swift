/// A fault that a test can inject into a debug build: the service then breaks one of its guarantees.
///
/// A fault must make the test of that guarantee fail. This shows that the test would find a real mistake.
public enum Fault: CaseIterable, Sendable {
    /// The daemon itself calls no fsync; SQLite's calls of fsync are not affected.
    case skipSync
    /// A failed fsync is called again, and the result of the second call counts.
    case ignoreFailedSync
    /// SQLite's commits are not made durable.
    case relaxedCommits
    /// The output gets its final name before the queue stores that name.
    case renameBeforeCommit
    /// The output replaces an existing file of the same name.
    case replaceOnRename
    /// The queue accepts a change to a job from a caller that has lost its claim to the job.
    case skipTokenCheck
    /// The daemon does not requeue, at its start, the jobs that its dead predecessor was running.
    case forgetRunning
    /// The daemon does not remove, at its start, the unfinished outputs of its dead predecessor.
    case keepTemporaries
    /// The lock on the state folder is not taken.
    case skipLock
    /// `max_attempts` is ignored.
    case retryForever
    /// The attempt of a released job still counts towards `max_attempts`.
    case chargeRelease
    /// Jobs are started even on a full disk.
    case ignoreRoom
    /// A full disk counts as a failed attempt. Without this fault, the job waits and its attempt goes on.
    case chargeFullDisk
    /// The worker reads the file in the inbox instead of the private copy.
    case workOnOriginal
    /// The service ends when a reload finds a bad configuration.
    case endAtBadConfiguration
    /// The fast kernels compute one value of each tile wrongly.
    case wrongKernel
    /// A migration's statements run outside a transaction.
    case migrateInPieces
}
