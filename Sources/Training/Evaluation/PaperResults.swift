/// The results of Ledig et al. 2017 (arXiv 1609.04802v5), table 2: x4, PSNR in decibels and SSIM on luma.
public enum PaperResults {
    /// A row of the table.
    public struct Row: Sendable {
        /// The method's name.
        public var method: String
        /// The PSNR in decibels.
        public var psnr: Double
        /// The SSIM, measured with the authors' tool, which gives 0.02 to 0.05 more than other tools on the same
        /// images.
        public var ssim: Double
    }

    /// The rows for a test set by its folder's name; empty for a set that is not in the paper.
    public static func rows(for dataset: String) -> [Row] {
        let methods = ["nearest", "bicubic", "SRCNN", "ESPCN", "DRCN", "SRResNet", "SRGAN"]
        let figures: [(Double, Double)]
        switch dataset.lowercased() {
        case "set5":
            figures = [
                (26.26, 0.7552), (28.43, 0.8211), (30.07, 0.8627), (30.76, 0.8784), (31.52, 0.8938), (32.05, 0.9019),
                (29.40, 0.8472),
            ]
        case "set14":
            figures = [
                (24.64, 0.7100), (25.99, 0.7486), (27.18, 0.7861), (27.66, 0.8004), (28.02, 0.8074), (28.49, 0.8184),
                (26.02, 0.7397),
            ]
        case "bsd100":
            figures = [
                (25.02, 0.6606), (25.94, 0.6935), (26.68, 0.7291), (27.02, 0.7442), (27.21, 0.7493), (27.58, 0.7620),
                (25.16, 0.6688),
            ]
        default: return []
        }
        return zip(methods, figures).map { Row(method: $0, psnr: $1.0, ssim: $1.1) }
    }
}
