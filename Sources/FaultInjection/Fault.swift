/// A promise of the service that a debug build can be told to break.
///
/// Each fault must make the test of its promise fail: this shows that the test would find a real mistake.
public enum Fault: CaseIterable, Sendable {
    /// No file or folder of the daemon's own is made durable.
    case skipSync
    /// A failed fsync is tried again, and its second answer is believed.
    case ignoreFailedSync
    /// SQLite's commits are not made durable.
    case relaxedCommits
    /// The output gets its final name before the queue knows that name.
    case renameBeforeCommit
    /// The output replaces an existing file of the same name.
    case replaceOnRename
    /// A write under a lost claim is stored.
    case skipTokenCheck
    /// A start does not requeue the jobs that a dead daemon was running.
    case forgetRunning
    /// A start leaves the unfinished outputs of a dead daemon.
    case keepTemporaries
    /// The lock on the state folder is not taken.
    case skipLock
    /// `max_attempts` is ignored.
    case retryForever
    /// A released job stays charged with the attempt.
    case chargeRelease
    /// Jobs are started even on a full disk.
    case ignoreRoom
    /// A full disk fails the job.
    case chargeFullDisk
    /// The worker reads the file in the inbox instead of the private copy.
    case workOnOriginal
    /// A bad configuration ends the service at a reload.
    case endAtBadConfiguration
    /// A migration's statements run outside a transaction.
    case migrateInPieces
}
