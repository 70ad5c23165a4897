import CKernels
import Foundation

/// Loss functions. Each returns the loss and its gradient with respect to the first argument; only the gradient is
/// multiplied by `weight`.
public enum Loss {
    /// The mean squared error, like `torch.nn.MSELoss`.
    public static func meanSquaredError(
        _ input: Batch, _ target: Batch, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        perNumber(input, target, weight: weight, context: context, pass: context.passes.squared_error)
    }

    /// The mean absolute error, like `torch.nn.L1Loss`.
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

    /// A constant that is added to each image's mean squared error, which is computed for pixel values from 0 to 255.
    /// Without it, images with little detail would dominate the loss.
    private static let errorFloor = 10.0

    /// The negative PSNR in decibels, averaged over the images. The pixels' values are in [-1, 1]. Each image's mean
    /// squared error is converted to pixel values from 0 to 255 and increased by 10 (`errorFloor`).
    ///
    /// In a mean over all pixels, the images with the largest errors would dominate. In this loss each image has equal
    /// weight, as in the mean over a test set.
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

    /// The mean squared difference between the elements and a constant: the adversarial terms of LSGAN (arXiv
    /// 1611.04076).
    public static func meanSquaredError(
        _ input: Batch, target: Float, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        perScore(input, context: context) { x in
            let difference = Double(x - target)
            return (difference * difference, 2 * difference * Double(weight))
        }
    }

    /// The binary cross-entropy of logits, all for the same target, like `torch.nn.BCEWithLogitsLoss`.
    public static func binaryCrossEntropy(
        logits: Batch, target: Float, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        perScore(logits, context: context) { x in
            let (loss, slope) = crossEntropy(Double(x), target: Double(target))
            return (loss, slope * Double(weight))
        }
    }

    /// A loss over the outputs of a discriminator, computed on one thread in a fixed order.
    static func perScore(
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

    /// The total variation: the mean squared difference of vertical neighbours plus that of horizontal neighbours,
    /// each averaged per image and doubled as in other SRGAN implementations.
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
