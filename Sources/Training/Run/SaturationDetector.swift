/// Notices that a discriminator has won for good: from then on it teaches nothing.
struct ContestWatch {
    /// Losses below this are those of a discriminator that makes no mistake.
    static let lowestLoss = 1e-7
    /// For how many steps in a row that may be so.
    static let patience = 500

    private var steps = 0

    /// Takes the losses of a step.
    ///
    /// - Throws: `diverged`, after too many steps without a mistake.
    mutating func take(real: Double, fake: Double) throws(TrainingError) {
        steps = max(real, fake) < Self.lowestLoss ? steps + 1 : 0
        guard steps >= Self.patience else { return }
        throw TrainingError(
            .diverged,
            "The discriminator has made no mistake for \(Self.patience) iterations and teaches nothing any more.")
    }
}
