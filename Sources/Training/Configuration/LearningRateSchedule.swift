import Foundation

/// The learning rate as a function of the iteration. A resumed run therefore needs no saved state for it.
public struct LearningRateSchedule: Sendable, Equatable {
    /// The shapes of a schedule.
    public enum Kind: String, Sendable, Decodable {
        /// Stays at the base rate.
        case constant
        /// Is multiplied by `stepFactor` every `stepEvery` iterations.
        case step
        /// Falls to zero along half a cosine wave.
        case cosine
    }

    /// The shape of the schedule.
    public var kind: Kind
    /// The learning rate at the start.
    public var base: Double
    /// The number of iterations of the run.
    public var iterations: Int
    /// Iterations over which the rate rises from zero.
    public var warmup: Int
    /// Iterations between two steps.
    public var stepEvery: Int
    /// The factor by which a step multiplies the rate.
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
