import Foundation

/// The learning rate as a function of the iteration. A resumed run therefore needs no saved state of the schedule.
public struct LearningRateSchedule: Sendable, Equatable {
    /// The shapes of a schedule.
    public enum Kind: String, Sendable, CaseIterable {
        /// The rate stays constant.
        case constant
        /// The rate is multiplied by `stepFactor` every `stepEvery` iterations.
        case step
        /// The rate falls to zero along half a cosine wave.
        case cosine
    }

    /// The shape of the schedule.
    public var kind: Kind
    /// The learning rate after the warm-up, before the schedule changes it.
    public var base: Double
    /// The number of iterations of the run.
    public var iterations: Int
    /// The number of iterations at the start over which the rate rises linearly from zero to `base` (the warm-up).
    public var warmup: Int
    /// The number of iterations between two changes of the rate, for the kind `step`.
    public var stepEvery: Int
    /// The factor by which each of these changes multiplies the rate.
    public var stepFactor: Double

    /// Makes a schedule.
    public init(
        kind: Kind, base: Double, iterations: Int, warmup: Int = 0, stepEvery: Int = 1, stepFactor: Double = 0.1
    ) {
        precondition(stepEvery > 0, "stepEvery must be positive")
        self.kind = kind
        self.base = base
        self.iterations = iterations
        self.warmup = warmup
        self.stepEvery = stepEvery
        self.stepFactor = stepFactor
    }

    /// The rate of an iteration, counted from 0.
    public func rate(at iteration: Int) -> Double {
        if iteration < warmup { return base * Double(iteration + 1) / Double(warmup) }
        switch kind {
        case .constant: return base
        case .step: return base * pow(stepFactor, Double(iteration / stepEvery))
        case .cosine:
            let progress = Double(iteration - warmup) / Double(max(1, iterations - warmup))
            return base * 0.5 * (1 + cos(.pi * min(1, progress)))
        }
    }
}
