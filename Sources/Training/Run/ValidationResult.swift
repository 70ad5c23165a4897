/// What a validation during a run has found.
public struct ValidationResult: Sendable, Equatable {
    /// The figures of one set: means over its images, on Y.
    public struct Figures: Sendable, Equatable {
        /// The folder's name.
        public let name: String
        /// The model's PSNR in decibels.
        public let psnr: Double
        /// The model's SSIM; nil where all images are smaller than its window.
        public let ssim: Double?
        /// The PSNR of a bicubic upscaling.
        public let bicubicPSNR: Double
        /// The SSIM of a bicubic upscaling.
        public let bicubicSSIM: Double?
    }

    /// How many steps the model had taken.
    public let iteration: Int
    /// The sets' figures, in the configuration's order.
    public let sets: [Figures]
    /// The highest mean PSNR over the sets so far, this one included.
    public let bestPSNR: Double
    /// When that was.
    public let bestIteration: Int
}
