import Foundation
import SystemPackage
import WorkerProtocol

/// One line of the event log: what happened to a job. It describes the job as it was then.
public struct JobEvent: Sendable, Equatable, Identifiable {
    /// What happened.
    public enum Kind: String, Sendable, CaseIterable {
        /// A file was queued.
        case created
        /// Intake took a file that cannot be upscaled. Its job is in state `failed` from the start.
        case refused
        /// An attempt began.
        case started
        /// An attempt ended without a result, and the job waits again: the attempt failed and will be repeated, or it was
        /// interrupted.
        case postponed
        /// The output is published.
        case completed
        /// The job failed for good.
        case failed
        /// A person cancelled the job.
        case cancelled
        /// The job was failed or cancelled and is queued again.
        case retried
    }

    /// The event's id. Ids ascend in the order in which the events happened, and none is used twice.
    public let id: Int64
    /// When the event was stored.
    public let time: Date
    /// What happened.
    public let kind: Kind
    /// The job's id.
    public let jobID: Int64
    /// How many attempts the job has had, with the one that the event is about.
    public let attempt: Int
    /// The original's path.
    public let source: FilePath
    /// The inbox's configured path; empty for a file added by `srgan-jobs add`.
    public let inbox: FilePath
    /// The published output; only of `completed`.
    public let output: FilePath?
    /// Why the attempt failed; only of `refused`, `failed` and `postponed`.
    public let reason: FailureReason?
    /// One full sentence that explains the failure.
    public let message: String?
}

/// The ids of the events that are kept.
public struct EventRange: Sendable, Equatable {
    /// The oldest event that is kept; nil if none is.
    public let first: Int64?
    /// The newest event, whether it is kept or not; 0 if there was none yet.
    public let last: Int64

    /// Creates a range.
    public init(first: Int64?, last: Int64) {
        self.first = first
        self.last = last
    }
}
