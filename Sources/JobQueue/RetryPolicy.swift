import FaultInjection
import Foundation
import WorkerProtocol

/// Decides whether and when a failed job is retried. A pure function of its arguments.
public struct RetryPolicy: Sendable, Equatable {
    /// The most attempts of one job.
    public var maxAttempts: Int
    /// The delay after the first attempt, in seconds. It doubles with each further attempt.
    public var firstDelay: TimeInterval
    /// The longest delay, in seconds.
    public var maxDelay: TimeInterval
    /// How long a job waits in all for room on a full disk before it fails, in seconds.
    public var fullDiskPatience: TimeInterval

    /// Creates a policy; the defaults are those of config.toml.
    public init(
        maxAttempts: Int = 3, firstDelay: TimeInterval = 10, maxDelay: TimeInterval = 600,
        fullDiskPatience: TimeInterval = 86_400
    ) {
        precondition(maxAttempts >= 1 && firstDelay >= 0 && maxDelay >= 0, "a retry policy needs at least one attempt")
        self.maxAttempts = maxAttempts
        self.firstDelay = firstDelay
        self.maxDelay = maxDelay
        self.fullDiskPatience = fullDiskPatience
    }

    /// The seconds to wait before the next attempt, or nil if there is none.
    ///
    /// The result is a random time between half of the full delay and all of it. Jobs that failed together, for example
    /// because of a full disk, are therefore not retried together. The lower limit is half, because a time near zero
    /// would retry a job at once.
    ///
    /// - attempt: the number of the failed attempt, from 1.
    /// - random: a random number in 0 ..< 1.
    public func delay(after attempt: Int, reason: FailureReason, random: Double) -> TimeInterval? {
        guard reason.isTransient, attempt < maxAttempts || FaultPlan.injects(.retryForever) else { return nil }
        // The exponent is limited so that the power stays finite.
        let full = min(maxDelay, firstDelay * pow(2, Double(min(attempt - 1, 62))))
        return full * (0.5 + 0.5 * random)
    }

    /// The seconds to wait until a job for whose output there was no room is tried again, or nil if it has waited for
    /// too long.
    ///
    /// The delay is about the time that the job has waited already, so the waits grow and other jobs come first. It is at
    /// least a second, because a job that is due at once would stay at the head of the queue and no other would start.
    ///
    /// - waited: seconds since the beginning of the attempt that first found the disk full; 0 the first time.
    /// - random: a random number in 0 ..< 1.
    public func delay(waitedForRoom waited: TimeInterval, random: Double) -> TimeInterval? {
        guard waited < fullDiskPatience else { return nil }
        return max(1, min(maxDelay, max(firstDelay, waited)) * (0.5 + 0.5 * random))
    }
}
