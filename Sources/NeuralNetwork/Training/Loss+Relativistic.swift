import Foundation

/// The losses of a relativistic average GAN (Jolicoeur-Martineau, arXiv 1807.00734), as in ESRGAN: scores count only in
/// comparison with the mean score of the other kind of images.
extension Loss {
    /// The binary cross-entropy of the scores less the mean of the other scores, like
    /// `BCEWithLogitsLoss(scores - others.mean(), target)`; the mean is a constant.
    ///
    /// - Parameter target: 1 if the scores should be above the mean, 0 if they should be below.
    public static func relativistic(
        _ scores: Batch, othersMean: Double, target: Float, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        perScore(scores, context: context) { x in
            let (loss, slope) = crossEntropy(Double(x) - othersMean, target: Double(target))
            return (loss, slope * Double(weight))
        }
    }

    /// The generator's loss: the mean of two terms, that generated images should be scored above the mean of real ones,
    /// and real ones below the mean of generated ones.
    ///
    /// - Returns: The loss, and its gradient with respect to the scores of generated images.
    public static func relativisticGenerator(
        generated: Batch, real: Batch, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        let above = relativistic(generated, othersMean: mean(real), target: 1, weight: weight / 2, context: context)
        let below = relativistic(real, othersMean: mean(generated), target: 0, weight: weight / 2, context: context)
        // Each generated score has the same share in the mean that is subtracted from the real scores.
        let shared = Float(-mean(below.gradient) * Double(real.numbers) / Double(generated.numbers))
        for i in 0..<generated.numbers { above.gradient.start[i] += shared }
        return ((above.loss + below.loss) / 2, above.gradient)
    }

    /// The mean of all elements.
    public static func mean(_ batch: Batch) -> Double {
        (0..<batch.numbers).reduce(0) { $0 + Double(batch.start[$1]) } / Double(batch.numbers)
    }

    /// The binary cross-entropy of one logit, and its derivative.
    static func crossEntropy(_ x: Double, target: Double) -> (loss: Double, slope: Double) {
        // Numerically stable for large |x|: log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
        (max(x, 0) - x * target + log1p(exp(-abs(x))), 1 / (1 + exp(-x)) - target)
    }
}
