/// The consistency of a result with its low-resolution input: the PSNR between the input and the result, reduced to the
/// input's size.
///
/// Every original that was reduced to the input is perfectly consistent, so a low figure shows invented content. The
/// challenges on super-resolution space measure it in this way (Lugmayr et al., NTIRE 2021).
public enum Consistency {
    /// The PSNR on red, green and blue in decibels. The result is reduced with the bicubic kernel and rounded to 8
    /// bits. Infinite if the reduced result equals the input.
    public static func decibels(_ result: RGBImage, input: RGBImage) -> Double {
        let reduced = Resampler.downsample(result, by: result.width / input.width).roundedTo8Bits()
        return PSNR.decibels(Plane.channels(of: reduced), Plane.channels(of: input))
    }
}
