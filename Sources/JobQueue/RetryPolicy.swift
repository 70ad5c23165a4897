import FaultInjection
import Foundation
import WorkerProtocol

/// Decides whether and when a failed job is retried. A pure function of its arguments.
public struct RetryPolicy: Sendable, Equatable {
    /// The most attempts of one job.
    public var maxAttempts: Int
    /// The delay after the first attempt, seconds; it doubles with each further attempt.
    public var firstDelay: TimeInterval
    /// The longest delay, seconds.
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
    /// The result is between half of the full delay and all of it, so that jobs that failed together (a full disk) are
    /// not retried together. Jitter down to zero could retry a job at once.
    ///
    /// - attempt: the number of the failed attempt, from 1.
    /// - random: in 0 ..< 1.
    public func delay(after attempt: Int, reason: FailureReason, random: Double) -> TimeInterval? {
        guard reason.isTransient, attempt < maxAttempts || FaultPlan.injects(.retryForever) else { return nil }
        // Bounds the exponent so that the power stays finite.
        let full = min(maxDelay, firstDelay * pow(2, Double(min(attempt - 1, 62))))
        return full * (0.5 + 0.5 * random)
    }
}
