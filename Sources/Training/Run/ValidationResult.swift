/// The result of a validation during a run.
public struct ValidationResult: Sendable, Equatable {
    /// The scores on one test set, measured on luma (Y): the means over its images.
    public struct SetScores: Sendable, Equatable {
        /// The folder's name.
        public let name: String
        /// The model's PSNR in decibels.
        public let psnr: Double
        /// The model's SSIM; nil if all images are smaller than its window.
        public let ssim: Double?
        /// The PSNR of bicubic upscaling.
        public let bicubicPSNR: Double
        /// The SSIM of bicubic upscaling.
        public let bicubicSSIM: Double?
    }

    /// The number of steps for which the model has been trained.
    public let iteration: Int
    /// The scores on the test sets, in the configuration's order.
    public let sets: [SetScores]
    /// The highest mean PSNR over the sets so far, including this validation.
    public let bestPSNR: Double
    /// The iteration with the highest mean PSNR.
    public let bestIteration: Int
}
