import FaultInjection
import Foundation

/// Whether and when a job that failed is tried again: a pure decision.
public struct RetryPolicy: Sendable, Equatable {
    /// How many times a worker may be given a job.
    public var maxAttempts: Int
    /// The delay after the first attempt; it doubles with each further one.
    public var firstDelay: TimeInterval
    /// The longest delay.
    public var maxDelay: TimeInterval

    /// Creates a policy; the defaults are those of config.toml.
    public init(maxAttempts: Int = 3, firstDelay: TimeInterval = 10, maxDelay: TimeInterval = 600) {
        precondition(maxAttempts >= 1 && firstDelay >= 0 && maxDelay >= 0, "a retry policy needs at least one attempt")
        self.maxAttempts = maxAttempts
        self.firstDelay = firstDelay
        self.maxDelay = maxDelay
    }

    /// Seconds to wait before the next attempt, or nil when there is none.
    ///
    /// Between half of the full delay and all of it: jobs that failed together (a full disk) do not come back together, and
    /// none comes back at once, as it could with jitter down to zero.
    ///
    /// - attempt: the one that failed, from 1.
    /// - random: in 0 ..< 1.
    public func delay(after attempt: Int, reason: FailureReason, random: Double) -> TimeInterval? {
        guard reason.isTransient, attempt < maxAttempts || DeliberateFault.retryForever.isOn else { return nil }
        // The exponent is bounded so that the power stays finite.
        let full = min(maxDelay, firstDelay * pow(2, Double(min(attempt - 1, 62))))
        return full * (0.5 + 0.5 * random)
    }
}
