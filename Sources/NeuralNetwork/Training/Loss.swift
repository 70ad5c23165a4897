import CKernels
import Foundation

/// Loss functions, each with the gradient by its first argument, scaled by `weight`; the loss itself is not.
public enum Loss {
    /// The mean of the squared differences, as `torch.nn.MSELoss`.
    public static func meanSquaredError(
        _ input: Batch, _ target: Batch, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        perNumber(input, target, weight: weight, context: context, pass: context.passes.squared_error)
    }

    /// The mean of the absolute differences, as `torch.nn.L1Loss`.
    public static func meanAbsoluteError(
        _ input: Batch, _ target: Batch, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        perNumber(input, target, weight: weight, context: context, pass: context.passes.absolute_error)
    }

    private static func perNumber(
        _ input: Batch, _ target: Batch, weight: Float, context: ComputeContext,
        pass: (UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Float, UnsafeMutablePointer<Float>?) -> Double
    ) -> (loss: Double, gradient: Batch) {
        precondition(input.shape == target.shape, "the shapes differ")
        let gradient = input.sibling(context)
        let factor = weight / Float(input.numbers)
        let total = context.sums(over: input.pixels, width: 1) { range, sums in
            let offset = range.lowerBound * input.channels
            sums[0] += pass(
                input.start + offset, target.start + offset, range.count * input.channels, factor,
                gradient.start + offset)
        }
        return (total[0] / Double(input.numbers), gradient)
    }

    /// Added to an image's mean squared error, for a peak of 255: images without detail would have all the weight.
    private static let errorFloor = 10.0

    /// Minus the PSNR in decibels, the mean over the images, with 10 added to each image's mean squared error (for a peak of
    /// 255, images being from -1 to 1).
    ///
    /// A mean over all numbers is ruled by the images with the largest errors; here each counts for its own, as in the mean of
    /// a test set.
    public static func negativePSNR(
        _ input: Batch, _ target: Batch, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        precondition(input.shape == target.shape, "the shapes differ")
        let gradient = input.sibling(context)
        let numbers = input.imageCount
        let peak = 255.0 * 255
        var losses = [Double](repeating: 0, count: input.count)
        losses.withUnsafeMutableBufferPointer { losses in
            context.threads.run(input.count) { image, _ in
                let (x, t) = (input.start + image * numbers, target.start + image * numbers)
                let slope = gradient.start + image * numbers
                let sum = context.passes.squared_error(x, t, numbers, 1, slope)
                let error = sum / Double(numbers) / 4 + errorFloor / peak
                losses[image] = 10 * log10(error)
                let factor = Float(10 / log(10) / error / 4 / Double(input.numbers)) * weight
                for i in 0..<numbers { slope[i] *= factor }
            }
        }
        return (losses.reduce(0, +) / Double(input.count), gradient)
    }

    /// The mean of the squared differences to one number: the adversarial terms of LSGAN (arXiv 1611.04076).
    public static func meanSquaredError(
        _ input: Batch, target: Float, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        perScore(input, context: context) { x in
            let difference = Double(x - target)
            return (difference * difference, 2 * difference * Double(weight))
        }
    }

    /// Binary cross-entropy of logits against one target, as `torch.nn.BCEWithLogitsLoss`.
    public static func binaryCrossEntropy(
        logits: Batch, target: Float, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        perScore(logits, context: context) { x in
            let (x, target) = (Double(x), Double(target))
            // The usual form for large |x|: log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
            let loss = max(x, 0) - x * target + log1p(exp(-abs(x)))
            return (loss, (1 / (1 + exp(-x)) - target) * Double(weight))
        }
    }

    /// For the few numbers that a discriminator puts out.
    private static func perScore(
        _ input: Batch, context: ComputeContext, _ term: (Float) -> (loss: Double, slope: Double)
    ) -> (loss: Double, gradient: Batch) {
        let gradient = input.sibling(context)
        let count = Double(input.numbers)
        var total = 0.0
        for i in 0..<input.numbers {
            let (loss, slope) = term(input.start[i])
            total += loss
            gradient.start[i] = Float(slope / count)
        }
        return (total / count, gradient)
    }

    /// Total variation: the mean squared difference between vertical neighbours plus that between horizontal ones, both
    /// taken per image and doubled, as the re-implementations of SRGAN have it.
    public static func totalVariation(
        _ input: Batch, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        let gradient = input.sibling(context)
        let vertical = 2 / Double(max(1, input.channels * (input.height - 1) * input.width * input.count))
        let horizontal = 2 / Double(max(1, input.channels * input.height * (input.width - 1) * input.count))
        var sums = [(vertical: Double, horizontal: Double)](repeating: (0, 0), count: input.count)
        sums.withUnsafeMutableBufferPointer { sums in
            context.threads.run(input.count) { sample, _ in
                let offset = sample * input.imageCount
                (gradient.start + offset).update(repeating: 0, count: input.imageCount)
                var (down, across) = (0.0, 0.0)
                ck_total_variation_f32(
                    input.start + offset, input.height, input.width, input.channels, Float(vertical) * weight,
                    Float(horizontal) * weight, gradient.start + offset, &down, &across)
                sums[sample] = (down, across)
            }
        }
        let loss = sums.reduce(0) { $0 + $1.vertical * vertical + $1.horizontal * horizontal }
        return (loss, gradient)
    }
}
