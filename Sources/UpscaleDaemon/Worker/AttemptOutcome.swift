import JobQueue

/// How an attempt at a job ended, before the queue knows it.
enum AttemptOutcome {
    /// The output is complete under a temporary name and has to be published.
    case produced(ProducedOutput)
    /// The job failed; with metrics when the worker reported a result.
    case failed(FailureReason, String, JobMetrics?)
    /// The job goes back into the queue uncharged, because the cause is not the job.
    case released(String)
    /// A person cancelled the job. Its row already says so.
    case cancelled

    /// The outcome of an attempt that was ended by a file error or by a worker that could not be started.
    ///
    /// - Returns: nil for a failed fsync, which ends the service.
    init?(_ error: DaemonError) {
        if (error.isDiskFull && !DeliberateFault.chargeFullDisk.isOn) || error.code == .worker {
            self = .released(error.message)
        } else if error.code == .notDurable {
            return nil
        } else {
            self = .failed(.inputOutputError, error.message, nil)
        }
    }
}
