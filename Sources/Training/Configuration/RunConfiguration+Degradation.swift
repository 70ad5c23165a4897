extension RunConfiguration {
    /// `[degradation]`: what is done to the small images besides reducing them, for photographs that come out of cameras,
    /// telephones and the net. Probabilities are of each pair of patches.
    public struct DegradationSection: Sendable, Equatable, Decodable {
        /// The kernels that reduce, drawn with equal probability.
        public var kernels = ResamplingKernel.allCases
        /// How probable a blur before the reduction is.
        public var blur = 0.5
        /// Its standard deviation, in pixels of the photograph.
        public var blurSigma = 0.2...2.0
        /// How many of the blurs have another deviation across than along.
        public var anisotropic = 0.3
        /// How probable noise after the reduction is.
        public var noise = 0.4
        /// Its standard deviation, in 255ths.
        public var noiseSigma = 1.0...8.0
        /// In how many of the noisy patches all three colours have the same noise.
        public var greyNoise = 0.5
        /// How probable JPEG's compression, which comes last, is.
        public var jpeg = 0.8
        /// Its quality, as libjpeg counts.
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
