/// Detects a saturated discriminator: one that makes no mistakes and therefore no longer trains the generator.
struct SaturationDetector {
    /// A loss of at least this value counts as a mistake.
    static let lowestLoss = 1e-7
    /// The number of steps in a row without a mistake after which the discriminator counts as saturated.
    static let patience = 500

    private var steps = 0

    /// Adds the discriminator's losses of a step.
    ///
    /// - Throws: `diverged`, after `patience` steps in a row without a mistake.
    mutating func add(real: Double, fake: Double) throws(TrainingError) {
        steps = max(real, fake) < Self.lowestLoss ? steps + 1 : 0
        guard steps >= Self.patience else { return }
        throw TrainingError(
            .diverged,
            "The discriminator has made no mistake for \(Self.patience) iterations and no longer trains the generator.")
    }
}
