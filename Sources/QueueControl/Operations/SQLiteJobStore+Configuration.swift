import JobQueue
import ServiceConfiguration

extension SQLiteJobStore {
    /// Opens the queue of a configuration's state folder, with its retry policy. The caller holds the `StateLock`.
    ///
    /// - Throws: `JobStoreError`.
    package convenience init(_ configuration: Configuration) throws {
        let retry = configuration.retry
        try self.init(
            path: SQLiteJobStore.path(in: configuration.stateFolder),
            retryPolicy: RetryPolicy(
                maxAttempts: retry.maxAttempts, firstDelay: retry.firstDelaySeconds, maxDelay: retry.maxDelaySeconds,
                fullDiskPatience: retry.fullDiskSeconds))
    }
}
