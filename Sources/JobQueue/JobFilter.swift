import Foundation
import SystemPackage
import WorkerProtocol

/// Selects jobs of the queue. A part that is nil matches every job.
public struct JobFilter: Sendable, Equatable {
    /// The states.
    public var states: Set<JobState>?
    /// The earliest time of creation.
    public var since: Date?
    /// The ids.
    public var ids: ClosedRange<Int64>?
    /// Why a job failed, or why its last failed attempt failed.
    public var reason: FailureReason?
    /// The inbox's configured path.
    public var inbox: FilePath?
    /// A part of the original's path below its inbox. If it contains `*`, `?` or `[`, it is a glob, which must match
    /// the end of that path from a slash on, or the whole absolute path; `*` matches slashes too.
    public var name: String?

    /// Creates a filter.
    public init(
        states: Set<JobState>? = nil, since: Date? = nil, ids: ClosedRange<Int64>? = nil, reason: FailureReason? = nil,
        inbox: FilePath? = nil, name: String? = nil
    ) {
        self.states = states
        self.since = since
        self.ids = ids
        self.reason = reason
        self.inbox = inbox
        self.name = name
    }
}
