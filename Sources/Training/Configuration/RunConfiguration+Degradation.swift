extension RunConfiguration {
    /// `[degradation]`: degradations of the low-resolution images besides downsampling, for models that upscale
    /// photographs from cameras, phones and the web. Each training pair of patches is degraded at random with these
    /// probabilities.
    public struct DegradationSection: Sendable, Equatable, Decodable {
        /// The downsampling kernels, drawn with equal probability.
        public var kernels = ResamplingKernel.allCases
        /// The probability of a blur before downsampling.
        public var blur = 0.5
        /// The range of the blur's standard deviation, in pixels of the photograph.
        public var blurSigma = 0.2...2.0
        /// The share of blurs with different standard deviations along their two axes.
        public var anisotropic = 0.3
        /// The probability of noise after downsampling.
        public var noise = 0.4
        /// The range of the noise's standard deviation, in units of 1/255.
        public var noiseSigma = 1.0...8.0
        /// The share of noisy patches in which all three colours have the same noise.
        public var greyNoise = 0.5
        /// The probability of JPEG compression, which is applied last.
        public var jpeg = 0.8
        /// The range of the JPEG quality, on libjpeg's scale.
        public var jpegQuality = 30.0...95.0

        private enum CodingKeys: String, CodingKey {
            case kernels, blur, anisotropic, noise, jpeg
            case blurSigma = "blur_sigma"
            case noiseSigma = "noise_sigma"
            case greyNoise = "grey_noise"
            case jpegQuality = "jpeg_quality"
        }

        init() {}

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            kernels = try keys.value(.kernels, kernels)
            blur = try keys.number(.blur, blur)
            blurSigma = try keys.range(.blurSigma, blurSigma)
            anisotropic = try keys.number(.anisotropic, anisotropic)
            noise = try keys.number(.noise, noise)
            noiseSigma = try keys.range(.noiseSigma, noiseSigma)
            greyNoise = try keys.number(.greyNoise, greyNoise)
            jpeg = try keys.number(.jpeg, jpeg)
            jpegQuality = try keys.range(.jpegQuality, jpegQuality)
        }
    }
}
