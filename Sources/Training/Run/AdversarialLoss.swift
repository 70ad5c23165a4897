import NeuralNetwork

/// The adversarial losses of both networks, computed from the discriminator's scores.
struct AdversarialLoss {
    let kind: RunConfiguration.LossSection.Adversarial
    let context: ComputeContext

    /// True if the loss compares the scores of one kind of images with those of the other kind.
    var comparesScores: Bool { kind == .relativistic }

    /// The generator's loss: generated images should be scored as real.
    ///
    /// - Parameter real: The scores of real images; needed only if `comparesScores`.
    /// - Returns: The loss, and its gradient with respect to `generated`, which alone is multiplied by `weight`.
    func generator(_ generated: Batch, real: Batch?, weight: Double) -> (loss: Double, gradient: Batch) {
        if let real {
            return Loss.relativisticGenerator(generated: generated, real: real, weight: Float(weight), context: context)
        }
        return discriminator(generated, isReal: true, othersMean: 0, weight: weight)
    }

    /// The discriminator's loss for one kind of images.
    ///
    /// - Parameters:
    ///   - isReal: Whether the scores are those of real images.
    ///   - othersMean: The mean score of the other kind of images; used only if `comparesScores`.
    func discriminator(
        _ scores: Batch, isReal: Bool, othersMean: Double, weight: Double
    ) -> (loss: Double, gradient: Batch) {
        let (target, weight): (Float, Float) = (isReal ? 1 : 0, Float(weight))
        return switch kind {
        case .lsgan: Loss.meanSquaredError(scores, target: target, weight: weight, context: context)
        case .bce: Loss.binaryCrossEntropy(logits: scores, target: target, weight: weight, context: context)
        case .relativistic:
            Loss.relativistic(scores, othersMean: othersMean, target: target, weight: weight, context: context)
        }
    }
}
