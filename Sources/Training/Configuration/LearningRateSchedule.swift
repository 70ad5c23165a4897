import Foundation

/// How the learning rate changes in the course of a run: a function of the iteration, so that a resumed run needs no state.
public struct LearningRateSchedule: Sendable, Equatable {
    /// The shapes of the course.
    public enum Kind: String, Sendable, Decodable {
        /// It stays.
        case constant
        /// It is multiplied by a factor every so many iterations.
        case step
        /// It falls to zero along half a cosine.
        case cosine
    }

    /// The shape of the course.
    public var kind: Kind
    /// The learning rate at the start.
    public var base: Double
    /// How many iterations there are.
    public var iterations: Int
    /// Iterations over which the rate rises from zero.
    public var warmup: Int
    /// Iterations between two steps.
    public var stepEvery: Int
    /// What a step multiplies the rate by.
    public var stepFactor: Double

    /// Makes a schedule.
    public init(
        kind: Kind, base: Double, iterations: Int, warmup: Int = 0, stepEvery: Int = 1, stepFactor: Double = 0.1
    ) {
        precondition(stepEvery > 0, "steps are some iterations apart")
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
            let course = Double(iteration - warmup) / Double(max(1, iterations - warmup))
            return base * 0.5 * (1 + cos(.pi * min(1, course)))
        }
    }
}
