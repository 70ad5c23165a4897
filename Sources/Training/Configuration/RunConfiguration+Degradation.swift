import ConfigurationFile

extension RunConfiguration {
    /// `[degradation]`: degradations of the low-resolution images besides downsampling, for models that upscale
    /// photographs from cameras, phones and the web. Each training pair of patches is degraded at random with these
    /// probabilities.
    public struct DegradationSection: Sendable, Equatable, Codable {
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

        /// Reads the section, and adds its mistakes to those of the file.
        init(_ table: ConfigurationTable) {
            kernels = table.choices("kernels", ResamplingKernel.self) ?? kernels
            blur = table.number("blur", in: 0...1) ?? blur
            blurSigma = table.numbers("blur_sigma", in: .leastNonzeroMagnitude...Degradation.largestBlur) ?? blurSigma
            anisotropic = table.number("anisotropic", in: 0...1) ?? anisotropic
            noise = table.number("noise", in: 0...1) ?? noise
            noiseSigma = table.numbers("noise_sigma", in: 0...255) ?? noiseSigma
            greyNoise = table.number("grey_noise", in: 0...1) ?? greyNoise
            jpeg = table.number("jpeg", in: 0...1) ?? jpeg
            jpegQuality = table.numbers("jpeg_quality", in: 1...100) ?? jpegQuality
            table.finish()
        }
    }
}
