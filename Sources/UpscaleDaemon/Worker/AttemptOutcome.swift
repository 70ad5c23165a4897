import JobQueue
import LinuxSupport
import ServiceConfiguration
import WorkerProtocol

/// How an attempt at a job ended. The `JobFinisher` then records it in the queue.
enum AttemptOutcome {
    /// The output is complete under a temporary name and has to be published.
    case produced(ProducedOutput)
    /// The job failed, for this reason and with this message. Metrics are present if the worker reported a result.
    case failed(FailureReason, String, JobMetrics?)
    /// The job goes back into the queue and the attempt does not count, because the job did not cause the failure.
    case released(String)
    /// A person cancelled the job. The job's row is already in state `cancelled`.
    case cancelled

    /// The outcome of an attempt that was ended by a file error or by a worker that could not be started.
    ///
    /// - Returns: nil for a failed fsync and for errors of other kinds: these are failures of the service, not of the
    ///   job.
    init?(_ error: any Error) {
        switch error {
        case let error as DaemonError where error.code == .passing:
            self = .released(error.message)
        case let error as FileError where error.isDiskFull:
            self = .failed(.diskFull, error.message, nil)
        case let error as FileError where error.isShortage || error.code == .folderUnavailable:
            self = .released(error.message)
        case let error as FileError where error.code != .notDurable:
            self = .failed(.inputOutputError, error.message, nil)
        default: return nil
        }
    }
}
