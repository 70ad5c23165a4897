import Foundation

/// One event that a hook has to learn.
public struct Delivery: Sendable, Equatable {
    /// The hook's name.
    public let hook: String
    /// The event's number.
    public let event: Int64
    /// The kind of the event, as `srgan-jobs events` names it.
    public let kind: String
    /// The job of the event.
    public let job: Int64
    /// The event as JSON, the same for each attempt.
    public let body: String
    /// How many attempts have failed.
    public var attempts: Int
    /// The time before which no attempt is made.
    public var dueAt: Date
    /// Why the last attempt failed.
    public var problem: String?
    /// True if the delivery was given up.
    public var isDead: Bool
}
