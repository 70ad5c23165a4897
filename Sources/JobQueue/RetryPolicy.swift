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

    /// Creates a policy; the defaults are those of config.toml.
    public init(maxAttempts: Int = 3, firstDelay: TimeInterval = 10, maxDelay: TimeInterval = 600) {
        precondition(maxAttempts >= 1 && firstDelay >= 0 && maxDelay >= 0, "a retry policy needs at least one attempt")
        self.maxAttempts = maxAttempts
        self.firstDelay = firstDelay
        self.maxDelay = maxDelay
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
}
