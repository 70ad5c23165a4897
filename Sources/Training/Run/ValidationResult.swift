import Foundation

/// The result of a validation during a run.
public struct ValidationResult: Sendable, Equatable {
    /// The scores on one test set, measured on luma (Y): the means over its images.
    public struct SetScores: Sendable, Equatable {
        /// The grid that a model may have, as a multiple of the originals' grid.
        public static let gridLimit = 1.3

        /// The folder's name.
        public let name: String
        /// The model's scores.
        public let model: EvaluationReport.Score
        /// The scores of bicubic upscaling.
        public let bicubic: EvaluationReport.Score
        /// The measures of the originals.
        public let original: EvaluationReport.Original

        /// The model's PSNR in decibels.
        public var psnr: Double { model.psnr }
        /// The model's SSIM; nil if all images are smaller than its window.
        public var ssim: Double? { model.ssim }
        /// The PSNR of bicubic upscaling.
        public var bicubicPSNR: Double { bicubic.psnr }
        /// The SSIM of bicubic upscaling.
        public var bicubicSSIM: Double? { bicubic.ssim }

        /// The model's grid as a multiple of the originals' grid, if it is above the limit; else nil.
        public var excessiveGrid: Double? {
            guard let grid = model.grid, let own = original.grid, grid > Self.gridLimit * own else { return nil }
            return grid / own
        }
    }

    /// The number of steps for which the model has been trained.
    public let iteration: Int
    /// The scores on the test sets, in the configuration's order.
    public let sets: [SetScores]
    /// The highest mean PSNR over the sets so far, including this validation.
    public let bestPSNR: Double
    /// The iteration with the highest mean PSNR.
    public let bestIteration: Int

    /// One sentence for each test set on which the model draws a grid, with the iteration.
    public var warnings: [String] {
        sets.compactMap { set in
            set.excessiveGrid.map { ratio in
                "iteration \(iteration): the grid on \(set.name) is \(String(format: "%.2f", ratio)) times the originals' "
                    + "grid (limit \(SetScores.gridLimit))."
            }
        }
    }
}
